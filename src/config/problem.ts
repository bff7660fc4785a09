import { basename } from "node:path";

/** Something wrong with the configuration. Its text never holds a secret value. */
export interface Problem {
  /** Where: keys and positions inside the config file, or the name of one environment variable. */
  readonly path: readonly (string | number)[];
  /** The path is inside the config file. */
  readonly inFile: boolean;
  readonly text: string;
}

const SECRET_ROOTS = new Set<string | number | undefined>([
  "api_keys",
  "discord_webhook_url",
  "discord_webhook_url_file",
  "healthcheck_url",
  "MAGNETS_API_KEYS",
  "MAGNETS_DISCORD_WEBHOOK_URL",
]);

/** Whether the path leads to keys, the webhook or the healthcheck: nothing found there may be shown. */
export function isSecretPath(path: readonly (string | number)[]): boolean {
  return SECRET_ROOTS.has(path[0]);
}

/** The problem as one line: `config.json: max_retries: expected …`. `file` is the config file in use. */
export function formatProblem(problem: Problem, file = ""): string {
  const parts = problem.inFile ? [basename(file)] : [];
  if (problem.path.length > 0) parts.push(problem.path.join("."));
  return [...parts, problem.text].join(": ");
}
