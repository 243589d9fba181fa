/**
 * How far a build is, told from the lines of `go install -v`, each a download or a package whose turn it is. After the last of `mains`, the
 * packages that become programs, there is only to link.
 */
export function followBuild(mains: string[]) {
  const left = new Set(mains);
  const phases = [{ name: 'fetching modules', begun: performance.now() }];
  let [modules, packages] = [0, 0];
  const enter = (name: string): void => {
    if (phases.at(-1)?.name !== name) phases.push({ name, begun: performance.now() });
  };
  const seconds = (from: number, to = performance.now()): string => `${Math.round((to - from) / 1000)} s`;

  return {
    read(line: string): void {
      if (line.startsWith('go: ')) {
        modules += 1;
        return;
      }
      packages += 1;
      enter('compiling');
      if (left.delete(line) && left.size === 0) enter('linking');
    },
    now(): string {
      const { name, begun } = phases.at(-1)!;
      const counts = ['', `, ${modules} modules`, `, ${packages} packages`, ''];
      return `${name} for ${seconds(begun)}${counts[phases.length]}`;
    },
    /** What the time went into. */
    summary(): string {
      const took = phases.map(({ name, begun }, at) => `${name} ${seconds(begun, phases[at + 1]?.begun)}`);
      return `${seconds(phases[0]!.begun)}: ${took.join(', ')}`;
    },
  };
}
