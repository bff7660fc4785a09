import { fstatSync, writeFileSync } from "node:fs";
import { Argument, Command, CommanderError, Help, Option } from "commander";
import { version } from "../package.json";
import { currentInvocation, type GlobalOptions, type Invocation } from "./commands/invocation.ts";
import { ExitCode, MagnetsError } from "./errors.ts";
import { layOutHelp } from "./help.ts";
import { symbolsFor } from "./terminal/symbols.ts";

/** Of help: longer lines are hard to read. */
const WIDEST = 80;

type Run = (invocation: Invocation) => Promise<ExitCode>;

/** Builds the program: `run` gets the command that the command line asks for, `complain` what is wrong with it. */
function createProgram(
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
    .description("print the script that completes commands, options and ids in bash")
    .addArgument(new Argument("[shell]", "the shell").choices(["bash"]))
    .addOption(new Option("--ids <command>").hideHelp())
    .action((shell, options) =>
      run(async (call) =>
        (await import("./commands/completion.ts")).completion(call, program, shell, options),
      ),
    );
  return program;
}

/**
 * Returns what writes to stdout. Node's stream does, but for a file: it writes once and takes a short write for a
 * success, so that a disk that fills up would cut a document short and nobody would know.
 */
function stdoutWriter(onError: (error: NodeJS.ErrnoException) => void): (text: string) => void {
  process.stdout.on("error", onError);
  if (!fstatSync(1).isFile()) return (text) => void process.stdout.write(text);
  return (text) => {
    try {
      writeFileSync(1, text);
    } catch (error) {
      onError(error as NodeJS.ErrnoException);
    }
  };
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const print = stdoutWriter(({ code }) => {
    // A reader that goes away early (`magnets status | head`) is not a failure; a full disk is.
    if (code === "EPIPE") return;
    process.exitCode = ExitCode.failed;
    invocation.log("ERROR").error(`can't write the results to stdout (${code}); send them elsewhere`);
  });
  let invocation = currentInvocation({ color: true }, print);
  // A person reads it plain; the journal wants a priority on each line.
  const complain = (text: string) => {
    if (invocation.logMode === "journal") invocation.log("ERROR").error(text.trimEnd().split("\n"));
    else process.stderr.write(text);
  };
  const program = createProgram(print, complain, async (command) => {
    invocation = currentInvocation(program.opts<GlobalOptions>(), print);
    exitCode = await command(invocation);
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    const log = invocation.log("ERROR");
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.ok;
      const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
      // Help that nobody asked for stands on stderr already.
      if (error.code !== "commander.help") log.error(`${message}; run magnets --help for usage`);
      return ExitCode.usage;
    }
    if (error instanceof MagnetsError) {
      log.error(error.message.split("\n"));
      return error.exitCode;
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error(["this is a bug in magnets, please report it with these lines:", ...stack.split("\n")]);
    return ExitCode.failed;
  }
}

// A log that nobody reads must not end a sweep in the middle of its deletions.
process.stderr.on("error", () => {});

void main(process.argv.slice(2)).then((exitCode) => {
  // Already set when results were lost.
  process.exitCode ??= exitCode;
});
