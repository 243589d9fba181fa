const sayEveryMs = 10_000;

/** Says every ten seconds how it goes while something takes its time. */
export async function sayingHow(say: (line: string) => void, how: () => string, work: Promise<void>): Promise<void> {
  const progress = setInterval(() => say(`  ${how()}`), sayEveryMs);
  try {
    await work;
  } finally {
    clearInterval(progress);
  }
}

export const secondsSince = (since: number): number => Math.round((performance.now() - since) / 1000);

type Phase = 'fetching modules' | 'compiling' | 'linking';

/** How far a build is. */
export interface BuildProgress {
  read(line: string): void;
  now(): string;
  /** What the time went into. */
  summary(): string;
}

/**
 * Told from the lines of `go install -v`, each a download or a package whose turn it is. After the last of `mains`, the
 * packages that become programs, there is only to link.
 */
export function followBuild(mains: string[]): BuildProgress {
  const begun = performance.now();
  const left = new Set(mains);
  const ended: string[] = [];
  let phase: Phase = 'fetching modules';
  let phaseBegun = begun;
  let modules = 0;
  let packages = 0;

  const enter = (next: Phase): void => {
    if (phase === next) return;
    ended.push(`${phase} ${secondsSince(phaseBegun)} s`);
    phase = next;
    phaseBegun = performance.now();
  };

  return {
    read(line) {
      if (line.startsWith('go: ')) {
        modules += 1;
        return;
      }
      packages += 1;
      enter('compiling');
      if (left.delete(line) && left.size === 0) enter('linking');
    },
    now() {
      const counts = { 'fetching modules': `, ${modules} modules`, compiling: `, ${packages} packages`, linking: '' };
      return `${phase} for ${secondsSince(phaseBegun)} s${counts[phase]}`;
    },
    summary: () => `${secondsSince(begun)} s: ${[...ended, `${phase} ${secondsSince(phaseBegun)} s`].join(', ')}`,
  };
}
