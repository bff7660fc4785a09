import type { Texts } from "./texts.ts";

/** French. Its punctuation keeps a no-break space before the colon. */
export const frenchTexts: Texts = {
  deletedTitle: (name) => `Supprimé\u00a0: ${name}`,
  unnamed: (id) => `magnet ${id}`,
  status: "Statut",
  failures: "Échecs",
  failingSince: "En échec depuis",
  size: "Taille",
  account: "Compte",
  id: "ID",
  magnetLink: "Lien magnet, pour l'ajouter à nouveau",
  sizeWords: { units: ["o", "ko", "Mo", "Go", "To", "Po"], decimalMark: "," },
  capTitle: (due) => `${due} suppressions à faire, aucune n'a été faite`,
  capBody: ({ due, maxDeletes, account }) =>
    `Le compte ${account} a ${due} magnets à supprimer, et \`max_deletes_per_run\` en autorise ${maxDeletes} par ` +
    "passage. Un si grand nombre peut venir d'un problème chez AllDebrid\u00a0: aucun n'a donc été touché. " +
    "Regardez-les avec `magnets status`\u00a0; s'ils peuvent partir, lancez `magnets run-once --max-deletes 0`.",
  alerts: {
    key: {
      title: (account) => `Compte ${account}\u00a0: AllDebrid refuse la clé API`,
      advice:
        "La clé est fausse ou a été supprimée\u00a0: plus rien ne peut être fait pour ce compte. Créez-en une nouvelle " +
        "sur https://alldebrid.com/apikeys et mettez-la dans `api_keys` de la configuration.",
    },
    blocked: {
      title: (account) => `Compte ${account}\u00a0: AllDebrid a bloqué cette machine`,
      advice:
        "AllDebrid voit un nouveau lieu ou un nouvel appareil. Confirmez-le dans l'e-mail qu'AllDebrid a envoyé au " +
        "titulaire du compte\u00a0; le prochain passage reprendra de lui-même.",
    },
    banned: {
      title: (account) => `Le compte ${account} est banni`,
      advice: "AllDebrid a banni ce compte. Écrivez à son support, ou retirez la clé de `api_keys`.",
    },
    address: {
      title: (account) => `Compte ${account}\u00a0: AllDebrid refuse l'adresse de cette machine`,
      advice:
        "AllDebrid prend cette adresse pour celle d'un centre de données ou d'un VPN et ne relance rien depuis elle. " +
        "Voyez https://alldebrid.com/vpn, ou lancez magnets depuis un autre réseau.",
    },
    premium: {
      title: (account) => `Compte ${account}\u00a0: le premium est terminé`,
      advice: "Sans premium, AllDebrid ne relance rien. Renouvelez-le sur https://alldebrid.com/offer.",
    },
    other: {
      title: (account) => `Le compte ${account} ne fonctionne plus`,
      advice: "AllDebrid le refuse. `magnets check` en dit plus.",
    },
  },
  premiumEnding: (account, until) => ({
    title: `Compte ${account}\u00a0: le premium se termine bientôt`,
    body: `Fin du premium\u00a0: ${until ?? "dans la semaine"}. Renouvelez-le sur https://alldebrid.com/offer.`,
  }),
  premiumRenewed: (account, until) => ({
    title: `Compte ${account}\u00a0: le premium a été renouvelé`,
    body: until === undefined ? "Tout est rentré dans l'ordre." : `Nouvelle fin\u00a0: ${until}.`,
  }),
  worksAgain: (account) => ({
    title: `Le compte ${account} fonctionne à nouveau`,
    body: "Les passages reprennent normalement. Il n'y a rien à faire.",
  }),
  code: "Code AllDebrid",
  sampleTitle: "Ceci est un test",
  sampleBody: "Les notifications de magnets arrivent ici. Rien n'a été supprimé.",
};
