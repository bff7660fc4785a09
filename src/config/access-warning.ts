/** A warning, with what to type, when others may open the file. */
export function accessWarning(file: string, mode: number): string | undefined {
  if ((mode & 0o007) === 0) return undefined;
  const quoted = /^[\w/.@:+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return `every user of this machine may open it; type: chmod o= ${quoted}`;
}
