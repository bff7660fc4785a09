/** The languages that notifications can be written in. */
export const LANGUAGES = ["en", "fr"] as const;

/** One of them. */
export type Language = (typeof LANGUAGES)[number];
