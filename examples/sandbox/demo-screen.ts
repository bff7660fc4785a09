import { stripVTControlCharacters } from "node:util";
import { Chalk, type ForegroundColorName, type ModifierName } from "chalk";
import type { AllDebridSandbox } from "./alldebrid.ts";
import type { PostedEmbed } from "./discord-webhook.ts";

const WIDTH = 100;

/** Prints a heading with a rule to its right. */
export function heading(text: string): void {
  console.log(`\n${paint("bold", text)} ${paint("dim", "─".repeat(Math.max(3, WIDTH - text.length - 1)))}`);
}

/** Prints a paragraph, broken at spaces. */
export function paragraph(text: string): void {
  for (const line of wrap(text, WIDTH)) console.log(line);
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Prints a label and, indented, what belongs to it; nothing at all without lines. */
export function block(label: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  console.log(`\n${paint("cyan", label)}`);
  for (const line of lines) console.log(line === "" ? "" : `  ${line}`);
}

/** The accounts' magnets as AllDebrid would show them now. */
export function describeAccounts({ accounts, clock }: AllDebridSandbox): string[] {
  const now = clock.now();
  return accounts.flatMap((account) => {
    const trouble = account.trouble === null ? [] : [`${account.username}: ${paint("red", account.trouble)}`];
    const magnets = account.magnets().map((magnet) => {
      const stage = magnet.stage(now);
      const color = { ready: "green", processing: "yellow", failing: "red" } as const;
      const state = paint(color[stage.state], stage.state.padEnd(10));
      const detail = stage.state === "failing" ? `  ${paint("dim", stage.failure.status)}` : "";
      return `${account.username.padEnd(5)}  ${state}  ${harmless(magnet.filename)}${detail}`;
    });
    return [...trouble, ...magnets];
  });
}

/** The program's log without its times, which are the same within a cycle. */
export function describeLog(stderr: string): string[] {
  const color = { INFO: "dim", WARNING: "yellow", ERROR: "red" } as const;
  return stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, level = "", text = line] = /^\S+ (INFO|WARNING|ERROR) (.*)$/.exec(line) ?? [];
      return level === "" ? line : paint(color[level as keyof typeof color], text);
    });
}

/** An embed as a reader of the channel sees it. */
export function describeEmbed({ title, description, fields = [] }: PostedEmbed): string[] {
  const bold = paint("bold", asShown(title ?? ""));
  const body = description === undefined ? [] : wrap(asShown(description), WIDTH - 4);
  const [short, long] = [fields.filter(({ inline }) => inline), fields.filter(({ inline }) => !inline)];
  const facts = short.map(({ name, value }) => `${paint("dim", `${name}:`)} ${asShown(value)}`).join("  ");
  const links = long.map(({ name, value }) => `${paint("dim", `${name}:`)} ${value}`);
  const lines = [...body, facts, ...links].filter((line) => line !== "");
  return [bold, ...lines.map((line) => `  ${line}`)];
}

/** Discord's markdown as it is shown: escapes vanish, times become times. */
function asShown(markdown: string): string {
  const timed = markdown.replace(/<t:(\d+):R>/g, (_, unix) => {
    return `${Math.max(0, Math.round(Date.now() / 1000 - Number(unix)))} s ago`;
  });
  return harmless(timed.replace(/\\([\\*_~`|>#\-[\]()<:@.!+])/g, "$1"));
}

function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}]/gu, "");
}

function paint(style: ForegroundColorName | ModifierName, text: string): string {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const wanted = NO_COLOR ? false : FORCE_COLOR !== undefined ? FORCE_COLOR !== "0" : process.stdout.isTTY;
  return wanted ? new Chalk({ level: 1 })[style](text) : text;
}
