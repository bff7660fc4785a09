import { ENGLISH_SIZES } from "../core/text.ts";
import type { Texts } from "./texts.ts";

/** English. */
export const englishTexts: Texts = {
  deletedTitle: (name) => `Deleted: ${name}`,
  unnamed: (id) => `magnet ${id}`,
  status: "Status",
  failures: "Failures",
  failingSince: "Failing since",
  size: "Size",
  account: "Account",
  id: "ID",
  magnetLink: "Magnet link, to add it again",
  sizeWords: ENGLISH_SIZES,
  capTitle: (due) => `${due} deletions are due, none was done`,
  capBody: ({ due, maxDeletes, account }) =>
    `Account ${account} has ${due} magnets to delete, and \`max_deletes_per_run\` allows ${maxDeletes} in ` +
    "one run. So many at once may mean that AllDebrid has a problem, so all of them were left alone. " +
    "Look at them with `magnets status`; if they may go, run `magnets run-once --max-deletes 0`.",
  alerts: {
    key: {
      title: (account) => `Account ${account}: AllDebrid refuses the API key`,
      advice:
        "The key is wrong or was deleted, so nothing can be done for this account. Make a new one at " +
        "https://alldebrid.com/apikeys and put it into `api_keys` of the configuration.",
    },
    blocked: {
      title: (account) => `Account ${account}: AllDebrid blocked this machine`,
      advice:
        "AllDebrid sees a new location or device. Confirm it in the e-mail that AllDebrid sent to the account's " +
        "owner; the next sweep then goes on by itself.",
    },
    banned: {
      title: (account) => `Account ${account} is banned`,
      advice: "AllDebrid banned this account. Ask its support, or take the key out of `api_keys`.",
    },
    address: {
      title: (account) => `Account ${account}: AllDebrid refuses this machine's address`,
      advice:
        "AllDebrid takes the address for a data centre's or a VPN's, and restarts nothing from there. See " +
        "https://alldebrid.com/vpn, or run magnets from another network.",
    },
    premium: {
      title: (account) => `Account ${account}: premium is over`,
      advice: "Without premium AllDebrid restarts nothing. Renew it at https://alldebrid.com/offer.",
    },
    other: {
      title: (account) => `Account ${account} stopped working`,
      advice: "AllDebrid refuses it. `magnets check` says more.",
    },
  },
  premiumEnding: (account, until) => ({
    title: `Account ${account}: premium ends soon`,
    body: `It ends ${until ?? "within a week"}. Renew it at https://alldebrid.com/offer.`,
  }),
  premiumRenewed: (account, until) => ({
    title: `Account ${account}: premium was renewed`,
    body: until === undefined ? "All is well again." : `It now lasts until ${until}.`,
  }),
  worksAgain: (account) => ({
    title: `Account ${account} works again`,
    body: "Sweeps go on as usual. There is nothing to do.",
  }),
  code: "AllDebrid's code",
  sampleTitle: "This is a test",
  sampleBody: "Notifications from magnets arrive here. Nothing was deleted.",
};
