import { missingTools, requireAll } from "../support/requirements.ts";

export function setup(): void {
  const missing = missingTools({
    debootstrap: "debootstrap",
    "systemd-nspawn": "systemd-container",
    nsenter: "util-linux",
    "dpkg-deb": "dpkg",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
  });
  requireAll("test:boot", missing);
}
