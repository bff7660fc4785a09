/**
 * Says that there was no answer, with the system's code where there is one, such as `no connection (ECONNREFUSED)`.
 * Nothing else of the error is told: texts of the HTTP layer hold the whole address.
 */
export function connectionFailure(error: unknown): string {
  const { code } = error as { code?: unknown };
  const named = typeof code === "string" && /^[A-Z][A-Z0-9_]{2,50}$/.test(code);
  return named ? `no connection (${code})` : "no connection";
}
