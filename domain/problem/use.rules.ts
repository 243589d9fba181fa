/** How often the workaround of a known error was applied, and has restored service. */
interface Applied {
  applied: number;
  restored: number;
}

const fewestUses = 10;
const leastSuccess = 0.7;

/** It has helped too seldom, over uses enough to say so: whoever answers for it looks at it again. */
export const helpsTooSeldom = ({ applied, restored }: Applied): boolean =>
  applied >= fewestUses && restored / applied < leastSuccess;
