import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "./systemd.ts";

/** Finds the line of a crontab (the user's own, or one of the system's) that starts sweeps. */
export async function findCronEntry(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const own = await runProgram("crontab", ["-l"], env);
  const names = await readdir("/etc/cron.d").catch(() => []);
  const paths = ["/etc/crontab", ...names.map((name) => join("/etc/cron.d", name))];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
  return [own.stdout, ...texts].flatMap((text) => text.split("\n")).find(isSweep);
}

function isSweep(line: string): boolean {
  return (
    /^\s*[^#\s].*magnets(?:\.js)?["']?\s.*\brun-once\b/.test(line) ||
    /^\s*[^#\s].*\bmagnets run-once\b/.test(line)
  );
}

/** Seconds between two runs of a crontab's line, where its minutes show that plainly (every 30 minutes, `0`, `5,35`). */
export function cronSeconds(line: string): number | undefined {
  const [minutes = "", hours = ""] = line.trim().split(/\s+/);
  if (line.trim().startsWith("@hourly")) return 3600;
  const step = /^\*(?:\/(\d+))?$/.exec(minutes);
  if (hours !== "*") return undefined;
  if (step) return Number(step[1] ?? 1) * 60;
  return /^\d+(,\d+)*$/.test(minutes) ? 3600 / minutes.split(",").length : undefined;
}
