import type { Language } from "../core/language.ts";
import type { Texts } from "./texts.ts";
import { englishTexts } from "./texts-en.ts";
import { frenchTexts } from "./texts-fr.ts";

/** The texts of a language. */
export function textsFor(language: Language): Texts {
  return language === "fr" ? frenchTexts : englishTexts;
}
