import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { request } from "node:http";

// The least that a quiet sweep could be: flock, two lists asked for side by side, one file saved. It parses no command
// line, checks nothing, and knows no failure.
const [, , stateDir = "", key = ""] = process.argv;

async function list(status: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" };
  const sent = request(`${process.env.MAGNETS_API_URL}/v4.1/magnet/status`, { method: "POST", headers });
  sent.end(`status=${status}`);
  const [answer] = await once(sent, "response");
  let text = "";
  for await (const part of answer.setEncoding("utf8")) text += part;
  return JSON.parse(text);
}

function save(path: string, content: unknown): void {
  const file = openSync(`${path}.new`, "w");
  writeSync(file, JSON.stringify(content));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
  const folder = openSync(stateDir, "r");
  fsyncSync(folder);
  closeSync(folder);
}

async function main(): Promise<void> {
  const lock = openSync(`${stateDir}/lock`, "w");
  const flock = spawn("flock", ["--nonblock", "3"], { stdio: ["ignore", "ignore", "ignore", lock] });
  await once(flock, "exit");
  save(`${stateDir}/sweeps.json`, await Promise.all([list("expired"), list("error")]));
}

void main().then(() => process.exit());
