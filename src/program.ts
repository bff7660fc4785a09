import { Argument, Command, Option } from "commander";
import { version } from "../package.json";
import type { Invocation } from "./commands/invocation.ts";
import type { ExitCode } from "./errors.ts";
import { wrapCommand, wrapText } from "./terminal/layout.ts";
import { type Symbols, symbolsFor } from "./terminal/screen.ts";

/** Of help: longer lines are hard to read. */
const WIDEST = 80;

const JSON_OPTION = ["--json", "print the result as one JSON document"] as const;

/** A command. Its module is loaded when it is called: `status` has no use for ky and what else sends requests. */
type Run = (invocation: Invocation) => Promise<ExitCode>;

/**
 * Builds the command line: the one table of commands, options and their descriptions, from which help and completions
 * are made, too. `run` gets the command that is asked for, `complain` what is wrong with the command line.
 */
export function createProgram(
  print: (text: string) => void,
  complain: (text: string) => void,
  run: (command: Run) => Promise<void>,
): Command {
  const program = new Command("magnets")
    .description("Counts, restarts and finally deletes AllDebrid magnets that are stuck in expired or error.")
    .version(version, "-V, --version", "show the version")
    .option("-c, --config <file>", "configuration file")
    .option("--state-dir <dir>", "folder for counters, recorded deletions and other state")
    .option("--log-level <level>", "DEBUG, INFO, WARNING or ERROR; overrides log_level")
    .option("--no-color", "do not use colours")
    .helpOption("-h, --help", "show this help")
    // Nothing is wrapped before all is known.
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: Number.POSITIVE_INFINITY })
    .exitOverride()
    .configureOutput({
      writeOut: (help) => print(layOutHelp(help, process.stdout)),
      writeErr: (help) => complain(layOutHelp(help, process.stderr)),
      // What is thrown as well is logged as every other error.
      outputError: () => {},
    });

  program
    .command("run-once")
    .description("sweep all accounts once: count, restart, delete, notify")
    .option("--dry-run", "show what a sweep would do and why, without changing anything")
    .option("--max-deletes <n>", "delete up to n magnets per account, or none if more are due; 0: no limit")
    .option(...JSON_OPTION)
    .action((options) =>
      run(async (call) => (await import("./commands/run-once.ts")).runOnce(call, options)),
    );
  program
    .command("status")
    .description("show tracked magnets, the last sweep and what comes next")
    .option(...JSON_OPTION)
    .action((options) => run(async (call) => (await import("./commands/status.ts")).status(call, options)));
  program
    .command("check")
    .description("check everything that sweeps depend on, and suggest fixes")
    .option(...JSON_OPTION)
    .action((options) => run(async (call) => (await import("./commands/check.ts")).check(call, options)));
  program
    .command("reset")
    .description("forget all counters, or only those of the given magnets and accounts")
    .argument("[id|account...]", "ids of magnets or names of accounts, as shown by status")
    .action((words) => run(async (call) => (await import("./commands/reset.ts")).reset(call, words)));
  program
    .command("test-webhook")
    .description("post a sample notification and show Discord's response")
    .action(() => run(async (call) => (await import("./commands/test-webhook.ts")).testWebhook(call)));
  program
    .command("restore")
    .description("add deleted magnets again by their hashes; without ids, list them")
    .argument("[id...]", "ids that the magnets had before their deletion")
    .option(...JSON_OPTION)
    .action((ids, options) =>
      run(async (call) => (await import("./commands/restore.ts")).restore(call, ids, options)),
    );
  program
    .command("completion")
    .description("print the script that completes commands, options and ids in a shell")
    .addArgument(new Argument("[shell]", "the shell").choices(["bash", "zsh", "fish"]))
    .addOption(new Option("--ids <command>").hideHelp())
    .action((shell, options) =>
      run(async (call) => (await import("./commands/completion.ts")).completion(call, shell, options)),
    );
  for (const command of [program, ...program.commands]) command.addHelpText("after", helpEnd(command.name()));
  return program;
}

/** What `--help` of a command shows below its options. `state`: what it does with the state folder, if it needs one. */
type HelpEnd = Readonly<{ examples: readonly string[]; exitCodes: Record<number, string>; state?: string }>;

const DONE = { 0: "all done", 2: "usage or configuration error: nothing was done" };
const READS_STATE = { ...DONE, 1: "state could not be read or written, or there is a bug" };
const LOCKS = { ...READS_STATE, 75: "another run holds the lock: nothing was done" };
const SWEEPS = {
  ...LOCKS,
  3: "the sweep finished, but something needs attention",
  130: "stopped by SIGINT (143: by SIGTERM)",
};

/** By command; `magnets` is the program itself. */
const HELP: Readonly<Record<string, HelpEnd>> = {
  magnets: {
    examples: ["magnets check", "magnets run-once --dry-run", "magnets status"],
    exitCodes: { ...SWEEPS, 1: "it could not do its work, it found a failure, or there is a bug" },
    state: "it holds counters, recorded deletions, waiting notifications and more",
  },
  "run-once": {
    examples: [
      "magnets run-once --dry-run          show what would happen, and why",
      "magnets run-once --max-deletes 0    delete what max_deletes_per_run held back",
      "magnets run-once --json | jq .magnets",
    ],
    exitCodes: SWEEPS,
    state: "retry_counts.json, deletions.jsonl and others are written (not with --dry-run)",
  },
  status: {
    examples: ["magnets status", "magnets status | less", "magnets status --json | jq .magnets"],
    exitCodes: READS_STATE,
    state: "its files are read, none is written",
  },
  reset: {
    examples: [
      "magnets reset 403207307    forget the counter of this magnet",
      "magnets reset main         give all magnets of the account main another try",
      "magnets reset              forget all counters",
    ],
    exitCodes: { ...LOCKS, 2: `${DONE[2]}, also for an unknown id or account` },
    state: "retry_counts.json is written, after a copy was made, and confirmed.json",
  },
  "test-webhook": {
    examples: ["magnets test-webhook"],
    exitCodes: { ...DONE, 1: "Discord did not accept it", 2: `${DONE[2]}, also without a webhook` },
  },
  check: {
    examples: ["magnets check", "sudo magnets check    check what the service uses"],
    exitCodes: { 0: "all is well, apart from warnings", 1: "something does not work", 2: "usage error" },
    state: "its files are read, none is written",
  },
  restore: {
    examples: ["magnets restore              list what can be restored", "magnets restore 403207307"],
    exitCodes: { ...DONE, 1: "a magnet could not be restored", 2: `${DONE[2]}, also for an unknown id` },
    state: "deletions.jsonl is read, restored.jsonl is written",
  },
  completion: {
    examples: [
      "magnets completion bash | sudo tee /etc/bash_completion.d/magnets",
      "magnets completion zsh | sudo tee /usr/local/share/zsh/site-functions/_magnets",
      "magnets completion fish | sudo tee /etc/fish/completions/magnets.fish",
    ],
    exitCodes: DONE,
  },
};

const CONFIG_FILES =
  "the configuration: --config, $MAGNETS_CONFIG, ~/.config/magnets/config.json, /etc/magnets/config.json or ./config.json, the first that exists";
const STATE_FOLDER =
  "the state folder: --state-dir, $MAGNETS_STATE_DIR, $STATE_DIRECTORY or state_dir, else /var/lib/magnets (with /etc/magnets/config.json) or ~/.local/state/magnets";

/** Lays out help that is not wrapped so far, for a terminal. */
function layOutHelp(help: string, { columns }: NodeJS.WriteStream): string {
  const page = { columns: Math.min(columns || WIDEST, WIDEST), symbols: symbolsFor(process.env) };
  return help.replace(/.+/g, (line) => layOutLine(line, page).join("\n"));
}

/** A narrower description stands below what it describes. */
const LEAST_DESCRIPTION = 30;

function layOutLine(line: string, page: { columns: number; symbols: Symbols }): string[] {
  const [, head = line, gap = "", description = ""] = /^( +\S.*?)( {2,})(\S.*)$/.exec(line) ?? [];
  const hang = head.length + gap.length;
  const isBeside = description !== "" && page.columns - hang >= LEAST_DESCRIPTION;
  if (isBeside) return wrapText(line, page, " ".repeat(hang));
  const wrap = /^ +(sudo )?magnets /.test(head) ? wrapCommand : wrapText;
  const lines = wrap(head, page, head.startsWith(" ") ? "    " : "");
  return description === "" ? lines : [...lines, ...wrapText(`      ${description}`, page, "      ")];
}

/** The end of a command's `--help`. */
function helpEnd(command: string): string {
  const { examples = [], exitCodes = {}, state } = HELP[command] ?? {};
  const sections: Readonly<Record<string, readonly string[]>> = {
    [examples.length === 1 ? "Example" : "Examples"]: examples,
    "Exit codes": Object.entries(exitCodes).map(([code, meaning]) => `${code.padEnd(4)} ${meaning}`),
    Files: [command === "magnets" ? CONFIG_FILES : [], state ? `${STATE_FOLDER}; ${state}` : []].flat(),
  };
  const shown = Object.entries(sections).filter(([, lines]) => lines.length > 0);
  const lines = shown.flatMap(([title, lines]) => ["", `${title}:`, ...lines.map((line) => `  ${line}`)]);
  return lines.join("\n");
}
