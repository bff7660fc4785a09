import { missingTools, requireAll } from "../support/requirements.ts";

export function setup(): void {
  const missing = missingTools({
    buildah: "buildah",
    podman: "podman",
    runc: "runc",
    "docker-compose": "docker-compose",
    mmdebstrap: "mmdebstrap",
    "dpkg-deb": "dpkg",
    "/usr/bin/qemu-aarch64-static": "qemu-user-static",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
  });
  requireAll("test:container", missing);
}
