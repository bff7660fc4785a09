/** The table of exit codes as `--help` shows it. */
export const EXIT_CODES_HELP = `
Exit codes:
  0    all done
  1    it could not do its work: state not readable or writable, or a bug
  2    usage or configuration: nothing was done
  3    the sweep finished, and something needs attention
  75   another run holds the lock: nothing was done
  130  stopped by SIGINT, 143 by SIGTERM`;
