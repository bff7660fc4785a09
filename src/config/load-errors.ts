import { ConfigError } from "./config-error.ts";
import { formatProblem, type Problem } from "./problem.ts";

/** The error that lists all problems of the configuration in `file`, if one is in use. */
export function problemsError(problems: readonly Problem[], file: string | undefined): ConfigError {
  const lines = problems.map((problem) => formatProblem(problem, file));
  const inFile = file !== undefined && problems.some((problem) => problem.inFile);
  const what = problems.length === 1 ? "this" : "these";
  return new ConfigError(lines, `Correct ${what}${inFile ? ` in ${file}` : ""} and try again.`);
}

/** The error for a run without any configuration; it tells how to begin. */
export function nothingFound(lookedFor: readonly string[]): ConfigError {
  return new ConfigError(
    [`no configuration found; looked for ${lookedFor.join(", ")}`],
    'To begin, write {"api_keys": ["YOUR_API_KEY"]} with your key from https://alldebrid.com/apikeys into the first of ' +
      "these files, name another with --config, or set MAGNETS_API_KEYS.",
  );
}
