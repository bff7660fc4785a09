/** The log levels, from the most talkative to the quietest. */
export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** One of them. */
export type LogLevel = (typeof LOG_LEVELS)[number];
