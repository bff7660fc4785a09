/** What `--help` of one command says below its options. */
interface Help {
  readonly examples: readonly string[];
  /** Those that the command can end with. */
  readonly exitCodes: Readonly<Record<string, string>>;
  /** What it reads and writes, but for the configuration. */
  readonly files: readonly string[];
}

const ALL_WELL = "all done";
const NO_STATE = "state is not readable or writable, or there is a bug";
const USAGE = "usage or configuration: nothing was done";
const LOCKED = "another run holds the lock: nothing was done";

const STATE_FOLDER = "the state folder: --state-dir, $MAGNETS_STATE_DIR, $STATE_DIRECTORY or state_dir, else";
const STATE_DEFAULTS = "  /var/lib/magnets (with /etc/magnets/config.json) or ~/.local/state/magnets";

const OTHER: Help = {
  examples: [],
  exitCodes: { 0: ALL_WELL, 1: "it found or met a failure", 2: USAGE },
  files: [],
};

const HELP: Readonly<Record<string, Help>> = {
  magnets: {
    examples: ["magnets check", "magnets run-once --dry-run", "magnets status"],
    exitCodes: {
      0: ALL_WELL,
      1: "it could not do its work: state not readable or writable, or a bug",
      2: USAGE,
      3: "the sweep finished, and something needs attention",
      75: LOCKED,
      130: "stopped by SIGINT, 143 by SIGTERM",
    },
    files: [
      "the configuration: --config, $MAGNETS_CONFIG, ~/.config/magnets/config.json,",
      "  /etc/magnets/config.json or ./config.json, the first that exists",
      STATE_FOLDER,
      STATE_DEFAULTS,
    ],
  },
  "run-once": {
    examples: [
      "magnets run-once --dry-run          what would happen, and why",
      "magnets run-once --max-deletes 0    go on after max_deletes_per_run held",
      "magnets run-once --json | jq '.magnets[] | select(.action == \"deleted\")'",
    ],
    exitCodes: {
      0: ALL_WELL,
      1: NO_STATE,
      2: USAGE,
      3: "the sweep finished, and something needs attention",
      75: LOCKED,
      130: "stopped by SIGINT, 143 by SIGTERM",
    },
    files: [
      STATE_FOLDER,
      STATE_DEFAULTS,
      "  retry_counts.json, deletions.jsonl and others are written; with --dry-run, none is",
    ],
  },
  status: {
    examples: ["magnets status", "magnets status | less", "magnets status --json | jq .magnets"],
    exitCodes: { 0: ALL_WELL, 1: NO_STATE, 2: USAGE },
    files: [STATE_FOLDER, STATE_DEFAULTS, "  all files there are read, none is written"],
  },
  reset: {
    examples: ["magnets reset 403207307", "magnets reset    forgets all counters"],
    exitCodes: { 0: ALL_WELL, 1: NO_STATE, 2: "usage, configuration or an id that is not there", 75: LOCKED },
    files: [STATE_FOLDER, STATE_DEFAULTS, "  retry_counts.json is written, a copy of it is kept"],
  },
  "test-webhook": {
    examples: ["magnets test-webhook"],
    exitCodes: {
      0: "Discord took it",
      1: "Discord did not take it",
      2: "usage, or no webhook is configured",
    },
    files: [],
  },
  check: {
    examples: ["magnets check", "sudo magnets check    looks at what the service uses"],
    exitCodes: { 0: "all is well, warnings aside", 1: "something does not work", 2: "usage" },
    files: [STATE_FOLDER, STATE_DEFAULTS, "  all files there are read, none is written"],
  },
  restore: {
    examples: ["magnets restore              lists what can be restored", "magnets restore 403207307"],
    exitCodes: {
      0: ALL_WELL,
      1: "a magnet could not be restored",
      2: "usage, configuration or an id that is not there",
    },
    files: [STATE_FOLDER, STATE_DEFAULTS, "  deletions.jsonl is read"],
  },
  completion: {
    examples: ["magnets completion bash | sudo tee /etc/bash_completion.d/magnets"],
    exitCodes: { 0: ALL_WELL, 2: "usage" },
    files: [],
  },
};

/** The end of a command's `--help`: examples, exit codes, files. `magnets` is the program itself. */
export function helpAfter(command: string): string {
  const { examples, exitCodes, files } = HELP[command] ?? OTHER;
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `${code.padEnd(4)} ${meaning}`);
  return [
    ...section(examples.length === 1 ? "Example" : "Examples", examples),
    ...section("Exit codes", codes),
    ...section("Files", files),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}
