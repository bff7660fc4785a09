import { lstatSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Problems } from "./config.ts";
import {
  explainReadError,
  readSmallFile,
  resolvePath,
  type SmallFile,
  warnIfOpen,
  xdgFolder,
} from "./files.ts";
import { distrust } from "./trust.ts";

/** The config file of the whole system. */
export const SYSTEM_CONFIG = "/etc/magnets/config.json";

/**
 * Finds the config file: the first that exists of `--config` (`configPath`), `$MAGNETS_CONFIG`,
 * `$XDG_CONFIG_HOME/magnets/config.json`, the system's and `./config.json`; all paths are absolute. Throws
 * `ConfigError` when the one that was named is not there, when it can't be told whether one exists, and when
 * `./config.json` may be somebody else's.
 */
export function findConfig(
  configPath: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
  systemConfig: string = SYSTEM_CONFIG,
): { file?: string | undefined; lookedFor: readonly string[] } {
  const named = configPath === undefined ? env.MAGNETS_CONFIG || undefined : configPath;
  if (named !== undefined) {
    const option = configPath === undefined ? "$MAGNETS_CONFIG" : "--config";
    if (named === "") throw new ConfigError([`${option}: expected the path of a config file`]);
    const file = resolvePath(named, cwd, env);
    if (exists(file)) return { file, lookedFor: [file] };
    throw new ConfigError([`${option}: there is no file ${file}`], "Correct the path, or create the file.");
  }
  const here = join(cwd, "config.json");
  const lookedFor = [
    join(xdgFolder("XDG_CONFIG_HOME", ".config", env), "magnets", "config.json"),
    systemConfig,
    here,
  ];
  const file = lookedFor.find(exists);
  if (file === here) expectOwn(here);
  return { file, lookedFor };
}

/** Nobody has named it: in a stranger's folder it is the stranger's. Never a reason to do without it. */
function expectOwn(file: string): void {
  let reason: string | undefined;
  try {
    reason = distrust(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (reason === undefined) return;
  const advice = "If you trust it, name it with --config; else run magnets in another folder.";
  throw new ConfigError([`${file} is not used: ${reason}`], advice);
}

// A symbolic link that leads nowhere does exist: somebody meant a file, so reading it has to fail loudly.
function exists(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): ConfigError {
  const advice = "Run as a user who can read it, or name another file with --config.";
  return new ConfigError([`${file} can't be read: ${explainReadError(cause)}`], advice, { cause });
}

const MAX_CONFIG_BYTES = 1024 * 1024;

/** Reads the config file as an unchecked object. Throws `ConfigError` when it can't be read or is not an object. */
export async function readConfigFile(file: string, problems: Problems): Promise<Record<string, unknown>> {
  const { bytes, mode } = readOrThrow(file);
  warnIfOpen([], file, mode, problems);
  const content = await parseJson(bytes, problems);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw problems.fatal([], "expected one object in { }");
}

function readOrThrow(file: string): SmallFile {
  try {
    return readSmallFile(file, MAX_CONFIG_BYTES);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Parses strict JSON in UTF-8. Throws `ConfigError` with the first mistake. */
async function parseJson(bytes: Buffer, problems: Problems): Promise<unknown> {
  let text: string;
  try {
    // Drops a byte order mark, too.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw problems.fatal([], "not UTF-8 text: save the file as UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse only hints at the mistake and quotes the text, which holds keys.
    const { offset, mistake } = await firstMistake(text);
    throw problems.fatal([placeOf(text, offset)], `not valid JSON: ${mistake}`);
  }
}

/** Line and column, both from 1. */
function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

async function firstMistake(text: string): Promise<{ offset: number; mistake: string }> {
  if (text.trim() === "") return { offset: 0, mistake: "the file is empty" };
  // Loaded for nothing else.
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: { error: number; offset: number; length: number }[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // Thousands of brackets inside each other exhaust the stack of this parser; what it met so far is enough.
  }
  const first = errors.sort((a, b) => a.offset - b.offset)[0];
  if (first === undefined) return { offset: 0, mistake: "it can't be parsed" };
  return { offset: first.offset, mistake: explainMistake(printParseErrorCode(first.error)) };
}

function explainMistake(code: string): string {
  switch (code) {
    case "PropertyNameExpected":
      return "expected a key in double quotes (remove any comma before })";
    case "ValueExpected":
      return "expected a value (remove any comma before ] or })";
    case "ColonExpected":
      return "expected a colon";
    case "CommaExpected":
      return "expected a comma before this";
    case "CloseBraceExpected":
      return "expected }";
    case "CloseBracketExpected":
      return "expected ]";
    case "EndOfFileExpected":
      return "expected the end of the file";
    case "InvalidCommentToken":
      return 'comments are not allowed (use a key such as "_comment")';
    case "UnexpectedEndOfString":
      return "a string is not closed with a double quote on the same line";
    case "InvalidCharacter":
      return "a string contains a control character";
    case "InvalidEscapeCharacter":
    case "InvalidUnicode":
      return "invalid escape after a backslash (write a backslash itself as \\\\)";
    default:
      return "unexpected text (strings need double quotes)";
  }
}
