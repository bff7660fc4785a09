import type { AlertCause } from "../core/evidence.ts";
import type { Language } from "../core/settings.ts";
import { ARR_OUTCOMES, ENGLISH_SIZES } from "../core/text.ts";

/** The title and the description of an embed. */
export type Text = readonly [title: string, description: string];

/**
 * Every word that Discord shows, in English; `magnets` is how the reader calls this program. What a function receives
 * is already escaped, and what it returns may use Discord's markdown; `until` is a moment that Discord shows in the
 * reader's own form.
 */
const english = (magnets: string) => ({
  deletedTitle: (name: string) => `Deleted: ${name}`,
  unnamed: (id: string) => `magnet ${id}`,
  status: "Status",
  failures: "Failures",
  failingSince: "Failing since",
  size: "Size",
  account: "Account",
  id: "ID",
  magnetLink: "Magnet link, to add it again",
  /** What became of it at a Sonarr or Radarr; the field's name is the server's. */
  arrs: ARR_OUTCOMES as Readonly<Record<keyof typeof ARR_OUTCOMES, string>>,
  responseLost:
    "AllDebrid's response to the deletion was lost. The magnet is gone, so it was most likely deleted by it.",
  sizeWords: ENGLISH_SIZES,
  /** `max_deletes_per_run` holds; `reset` is what the command of that name takes. */
  cap: (due: number, maxDeletes: number, account: string, reset: string): Text => [
    `${due} deletions are due, but none was made`,
    `Account ${account} has ${due} magnets to delete, but \`max_deletes_per_run\` allows ${maxDeletes} per run. So ` +
      "many at once may mean that AllDebrid has a problem, so all of them were left alone. Review them with " +
      `\`${magnets} status\`. To delete them, run \`${magnets} run-once --max-deletes 0\`; to give them all another try, run ` +
      `\`${magnets} reset ${reset}\`.`,
  ],
  /** What is wrong, by cause, and what to do about it; `other` is a code that is not known here. */
  alerts: {
    key: (account) => [
      `Account ${account}: AllDebrid refuses the API key`,
      "The key is wrong or was deleted, so nothing can be done for this account. Create a new one at " +
        "https://alldebrid.com/apikeys and put it in `api_keys` in the configuration file.",
    ],
    blocked: (account) => [
      `Account ${account}: AllDebrid blocked this machine`,
      "AllDebrid noticed a new location or device. Confirm it in the e-mail that AllDebrid sent to the account's " +
        "owner; the next sweep then continues automatically.",
    ],
    banned: (account) => [
      `Account ${account} is banned`,
      "AllDebrid banned this account. Contact AllDebrid's support, or remove the key from `api_keys`.",
    ],
    address: (account) => [
      `Account ${account}: AllDebrid refuses this machine's IP address`,
      "AllDebrid takes it for the address of a data centre or a VPN and restarts nothing from there. See " +
        "https://alldebrid.com/vpn, or run magnets from another network.",
    ],
    premium: (account) => [
      `Account ${account}: premium has expired`,
      "Without premium, AllDebrid restarts nothing. Renew it at https://alldebrid.com/offer.",
    ],
    "arr key": (name) => [
      `${name} refuses the API key`,
      "So it can't be told which downloads are gone. Copy the key from its Settings, General, and put it in `arrs` of the configuration.",
    ],
    "arr unreachable": (name) => [
      `${name} can't be reached`,
      `What it is to be told of deletions waits for up to a week. For more, run \`${magnets} check\`.`,
    ],
    other: (account) => [
      `Account ${account} stopped working`,
      `AllDebrid refuses it. For more, run \`${magnets} check\`.`,
    ],
  } as Readonly<Record<AlertCause | "other", (name: string) => Text>>,
  premiumEnding: (account: string, until?: string): Text => [
    `Account ${account}: premium ends soon`,
    `It ends ${until ?? "within a week"}. Renew it at https://alldebrid.com/offer.`,
  ],
  premiumRenewed: (account: string, until?: string): Text => [
    `Account ${account}: premium was renewed`,
    until === undefined ? "All is well again." : `It is now valid until ${until}.`,
  ],
  worksAgain: (account: string): Text => [
    `Account ${account} works again`,
    "Sweeps continue as usual. There is nothing to do.",
  ],
  arrWorksAgain: (name: string): Text => [
    `${name} works again`,
    "It is told of deletions as usual. There is nothing to do.",
  ],
  /** Stands before AllDebrid's code. */
  code: "AllDebrid's code",
  sample: ["This is a test", "Notifications from magnets will arrive here. Nothing was deleted."] as Text,
});

/** Every word that Discord shows, in one language. */
export type Texts = Readonly<ReturnType<typeof english>>;

/** French has a no-break space before colons and semicolons. */
const french = (magnets: string): Texts => ({
  deletedTitle: (name) => `Supprimé\u00a0: ${name}`,
  unnamed: (id) => `magnet ${id}`,
  status: "Statut",
  failures: "Échecs",
  failingSince: "En échec depuis",
  size: "Taille",
  account: "Compte",
  id: "ID",
  magnetLink: "Lien magnet, pour l'ajouter à nouveau",
  arrs: {
    searches: "marqué en échec, nouvelle recherche lancée",
    off: "marqué en échec\u00a0; la recherche automatique y est désactivée",
    keeps: "marqué en échec\u00a0; le fichier est conservé jusqu'à ce que mieux se présente",
    marked: "marqué en échec",
    already: "déjà marqué en échec",
    later: "injoignable, sera prévenu plus tard",
  },
  responseLost:
    "La réponse d'AllDebrid à la suppression s'est perdue. Le magnet n'y est plus\u00a0: elle a très probablement eu lieu.",
  sizeWords: { units: ["o", "ko", "Mo", "Go", "To", "Po"], decimalMark: "," },
  cap: (due, maxDeletes, account, reset) => [
    `${due} suppressions en attente, aucune n'a été effectuée`,
    `Le compte ${account} a ${due} magnets à supprimer, mais \`max_deletes_per_run\` en autorise ${maxDeletes} par ` +
      "passage. Autant de suppressions d'un coup peuvent signaler un problème chez AllDebrid\u00a0: aucun magnet n'a donc " +
      `été touché. Vérifiez-les avec \`${magnets} status\`. Pour les supprimer, lancez \`${magnets} run-once --max-deletes 0\`\u00a0; ` +
      `pour leur donner à tous une nouvelle chance, lancez \`${magnets} reset ${reset}\`.`,
  ],
  alerts: {
    key: (account) => [
      `Compte ${account}\u00a0: AllDebrid refuse la clé API`,
      "La clé est erronée ou a été supprimée\u00a0: plus rien ne peut être fait pour ce compte. Créez-en une nouvelle " +
        "sur https://alldebrid.com/apikeys et indiquez-la sous `api_keys` dans le fichier de configuration.",
    ],
    blocked: (account) => [
      `Compte ${account}\u00a0: AllDebrid a bloqué cette machine`,
      "AllDebrid a détecté un nouveau lieu ou un nouvel appareil. Confirmez-le depuis l'e-mail qu'AllDebrid a envoyé " +
        "au titulaire du compte\u00a0; tout reprendra automatiquement au prochain passage.",
    ],
    banned: (account) => [
      `Le compte ${account} est banni`,
      "AllDebrid a banni ce compte. Contactez le support d'AllDebrid, ou retirez la clé de `api_keys`.",
    ],
    address: (account) => [
      `Compte ${account}\u00a0: AllDebrid refuse l'adresse IP de cette machine`,
      "AllDebrid la prend pour celle d'un centre de données ou d'un VPN et ne relance aucun magnet depuis cette " +
        "adresse. Consultez https://alldebrid.com/vpn, ou lancez magnets depuis un autre réseau.",
    ],
    premium: (account) => [
      `Compte ${account}\u00a0: l'abonnement premium a expiré`,
      "Sans premium, AllDebrid ne relance aucun magnet. Renouvelez-le sur https://alldebrid.com/offer.",
    ],
    "arr key": (name) => [
      `${name} refuse la clé API`,
      "Il est donc impossible de lui signaler les téléchargements supprimés. Copiez la clé depuis ses paramètres (General) et indiquez-la sous `arrs` dans le fichier de configuration.",
    ],
    "arr unreachable": (name) => [
      `${name} est injoignable`,
      `Les suppressions à lui signaler sont gardées pendant une semaine. Pour en savoir plus, lancez \`${magnets} check\`.`,
    ],
    other: (account) => [
      `Le compte ${account} ne fonctionne plus`,
      `AllDebrid le refuse. Pour en savoir plus, lancez \`${magnets} check\`.`,
    ],
  },
  premiumEnding: (account, until) => [
    `Compte ${account}\u00a0: l'abonnement premium expire bientôt`,
    `Date d'expiration\u00a0: ${until ?? "d'ici une semaine"}. Renouvelez-le sur https://alldebrid.com/offer.`,
  ],
  premiumRenewed: (account, until) => [
    `Compte ${account}\u00a0: l'abonnement premium a été renouvelé`,
    until === undefined ? "Tout est rentré dans l'ordre." : `Nouvelle date d'expiration\u00a0: ${until}.`,
  ],
  worksAgain: (account) => [
    `Le compte ${account} fonctionne à nouveau`,
    "Les passages reprennent normalement, il n'y a rien à faire.",
  ],
  arrWorksAgain: (name) => [
    `${name} fonctionne à nouveau`,
    "Les suppressions lui sont de nouveau signalées, il n'y a rien à faire.",
  ],
  code: "Code AllDebrid",
  sample: ["Ceci est un test", "Les notifications de magnets arriveront ici. Rien n'a été supprimé."],
});

/** The texts of a language, for a reader who calls this program so. */
export function textsFor(language: Language, magnets = "magnets"): Texts {
  return language === "fr" ? french(magnets) : english(magnets);
}
