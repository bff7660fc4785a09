import { distance } from "fastest-levenshtein";
import type { Problem } from "./problem.ts";

/**
 * The keys of `value`, if it is an object, that are not among `known`, each as a problem that names the nearest known
 * key. `$schema` and keys that start with `_` (comments) may stand anywhere.
 */
export function unknownKeys(value: unknown, known: readonly string[], path: Problem["path"]): Problem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key) && key !== "$schema" && !key.startsWith("_"))
    .map((key) => {
      const { name, steps } = nearest(key, known);
      const close = steps <= Math.max(2, name.length / 3);
      // A key typed on the wrong side of a colon must not end up in a log: real ones hold digits.
      const showable = close ? /^[\x20-\x7e]{1,40}$/.test(key) : /^[a-z$][a-z_ $.-]{0,39}$/i.test(key);
      const hint = close ? `did you mean ${name}?` : `the nearest known one is ${name}`;
      return {
        inFile: true,
        path: showable ? [...path, key] : path,
        text: showable
          ? `unknown key (${hint})`
          : `holds an unknown key (the known ones: ${known.join(", ")})`,
      };
    });
}

function nearest(key: string, known: readonly string[]): { name: string; steps: number } {
  const plain = key.slice(0, 100).toLowerCase().replaceAll("-", "_");
  return known
    .map((name) => ({ name, steps: distance(plain, name) }))
    .reduce((best, other) => (other.steps < best.steps ? other : best));
}
