import { describe, expect, it } from "vitest";
import { runScript } from "./run-script.ts";

/** A script that, as root, is run again as `games`, and then does `work`. */
const script = (work: string) => `
  import { runAgainAs } from "../../src/state/become-owner.ts";
  if (process.getuid() === 0) {
    process.exitCode = await runAgainAs({ uid: 5, gid: 5, env: { GIVEN: "yes" } });
  } else {
    ${work}
  }
`;

describe("runAgainAs", () => {
  it("is the other user, in its own group and no other, and exits as that process does", async () => {
    const work = `
      const { getuid, getgid, getgroups, env } = process;
      console.log(JSON.stringify([getuid(), getgid(), getgroups(), env.GIVEN]));
      process.exitCode = 3;
    `;
    const { code, stdout } = await runScript(script(work)).ended;
    expect(JSON.parse(stdout)).toEqual([5, 60, [60], "yes"]);
    expect(code).toBe(3);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("hands %s on, once, and waits for the end", async (signal) => {
    const work = `
      let seen = 0;
      process.on("${signal}", () => {
        seen += 1;
        setImmediate(() => { console.log("seen " + seen); process.exit(143); });
      });
      setTimeout(() => {}, 60_000);
      console.log("ready");
    `;
    const running = runScript(script(work));
    await running.printed("ready");
    running.child.kill(signal);
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("seen 1");
    expect(code).toBe(143);
  });

  it("tells a death by signal as shells do", async () => {
    const { code } = await runScript(script(`process.kill(process.pid, "SIGKILL");`)).ended;
    expect(code).toBe(137);
  });
});
