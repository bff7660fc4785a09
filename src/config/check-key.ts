import { isPlaceholder } from "./placeholder.ts";

/**
 * What is wrong with an API key, if anything, without repeating it. Anything but visible ASCII can't be sent in a
 * header.
 */
export function checkKey(key: string): string | undefined {
  if (key === "") return "is empty";
  if (isPlaceholder(key)) {
    return "is a placeholder: put one of your AllDebrid keys there (https://alldebrid.com/apikeys)";
  }
  if (/\s/.test(key)) return "holds a space or a line break in its middle";
  if (!/^[\x21-\x7e]+$/.test(key)) return "holds control or non-ASCII characters, which no key does";
  if (key.length > 512) return "is too long to be a key";
  return undefined;
}
