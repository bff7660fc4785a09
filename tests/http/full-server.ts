import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** Takes two connections, then no more; to the others the system gives no answer, until it is resumed. */
const PROGRAM = `
  const server = require("node:http").createServer((request, response) => response.end("late"));
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));
`;

/** A server that drops every attempt to connect, as a dead or very slow line does, until `resume` is called. */
export async function startFullServer() {
  const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(createInterface(child.stdout), "line");
  child.kill("SIGSTOP");
  const fillers: Socket[] = [];
  for (let i = 0; i < 2; i++) {
    const filler = connect(Number(port), "127.0.0.1").on("error", () => {});
    await once(filler, "connect");
    fillers.push(filler);
  }
  return {
    port: Number(port),
    url: `http://127.0.0.1:${port}/`,
    /** Who tries again a second after the first attempt, as systems do, gets through. */
    resume: () => void child.kill("SIGCONT"),
    close: () => {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
    },
  };
}
