import { Argument, Command, Help, Option } from "commander";
import { version } from "../package.json";
import type { Invocation } from "./commands/invocation.ts";
import type { ExitCode } from "./errors.ts";
import { layOutHelp } from "./help.ts";
import { symbolsFor } from "./terminal/screen.ts";

/** Of help: longer lines are hard to read. */
const WIDEST = 80;

/** Runs one command. */
export type Run = (invocation: Invocation) => Promise<ExitCode>;

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
    .configureHelp({
      showGlobalOptions: true,
      // Nothing is wrapped before all is known.
      minWidthToWrap: Number.POSITIVE_INFINITY,
      formatHelp: (command, helper) => {
        const help = Help.prototype.formatHelp.call(helper, command, helper);
        return layOutHelp(help, command.name(), helper.helpWidth ?? WIDEST, symbolsFor(process.env));
      },
    })
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: complain,
      // What is thrown as well is logged as every other error.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(process.stdout.columns || WIDEST, WIDEST),
      getErrHelpWidth: () => Math.min(process.stderr.columns || WIDEST, WIDEST),
    });

  program
    .command("run-once")
    .description("sweep all accounts once: count, restart, delete, notify")
    .option("--dry-run", "show what a sweep would do and why, without changing anything")
    .option(
      "--max-deletes <n>",
      "delete up to n magnets per account in this run, or none if more are due; 0: no limit",
    )
    .option("--json", "print the result as one JSON document")
    .action((options) =>
      run(async (call) => (await import("./commands/run-once.ts")).runOnce(call, options)),
    );
  program
    .command("status")
    .description("show tracked magnets, the last sweep and what comes next")
    .option("--json", "print the result as one JSON document")
    .action((options) => run(async (call) => (await import("./commands/status.ts")).status(call, options)));
  program
    .command("check")
    .description("check everything that sweeps depend on, and suggest fixes")
    .option("--json", "print the result as one JSON document")
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
    .option("--json", "print the result as one JSON document")
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
  return program;
}
