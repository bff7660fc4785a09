/**
 * Whether the text is what an example puts where a key belongs: `VOTRE_CLE_API_1`, `YOUR_API_KEY`, `API_KEY`,
 * `<key>`, `xxxx`, `changeme`. Real keys hold neither separators nor brackets.
 */
export function isPlaceholder(text: string): boolean {
  return (
    /^(your|votre)([^a-z\d]|api|key|cle|$)/i.test(text) ||
    /^(MY_|MA_|ALLDEBRID_)*(API_?KEY|CLE_API|CL[EÉ])(_\d+|_HERE|_ICI)*$/.test(text) ||
    /^(change_?me|placeholder|todo|key_here)$/i.test(text) ||
    /^(x{3,}|\*+|\.+|…+)$/i.test(text) ||
    /^(<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?)$/s.test(text)
  );
}
