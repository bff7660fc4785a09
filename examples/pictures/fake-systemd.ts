import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes programs into `folder` that answer as a server's systemd does: the timer is active and fires every half
 * an hour, next at `next`.
 */
export async function fakeSystemd(folder: string, next: Date): Promise<void> {
  const units = {
    "magnets.timer": {
      LoadState: "loaded",
      ActiveState: "active",
      NextElapseUSecRealtime: systemdTime(next),
      TimersCalendar: `{ OnCalendar=*-*-* *:00/30:00 ; next_elapse=${systemdTime(next)} }`,
    },
    "magnets.service": { LoadState: "loaded", Result: "success", ExecMainStatus: "0" },
  };
  const answers = Object.entries(units).map(([unit, properties]) => {
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
    return `${unit}) cat <<'END'\n${lines.join("\n")}\nEND\n;;`;
  });
  const after = new Date(next.getTime() + 30 * 60_000);
  await mkdir(folder);
  const program = async (name: string, script: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  };
  await program("systemctl", `case "$2" in\n${answers.join("\n")}\n*) echo LoadState=not-found;;\nesac`);
  await program(
    "systemd-analyze",
    `echo 'Next elapse: ${systemdTime(next)}'\necho 'Iter. #2: ${systemdTime(after)}'`,
  );
}

/** Such as `Sat 2026-05-09 20:30:00 UTC`. */
function systemdTime(date: Date): string {
  const weekday = date.toUTCString().slice(0, 3);
  return `${weekday} ${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
