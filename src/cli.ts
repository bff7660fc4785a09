import { fstatSync, writeFileSync } from "node:fs";
import { CommanderError } from "commander";
import { currentInvocation, type GlobalOptions } from "./commands/invocation.ts";
import { ExitCode, MagnetsError } from "./errors.ts";
import { createProgram } from "./program.ts";

/** Node's stream takes a short write to a file for a success; on a full disk that would cut a document short. */
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
      // Help shown in place of a missing command is on stderr already.
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

// State gets exactly the modes that it is made with, whatever umask the program was called with.
process.umask(0o077);

// A log that nobody reads must not end a sweep in the middle of its deletions.
process.stderr.on("error", () => {});

void main(process.argv.slice(2)).then((exitCode) => {
  // Already set when results were lost.
  process.exitCode ??= exitCode;
});
