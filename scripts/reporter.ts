import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line for people and machines: how many passed and failed. */
export default class PlainLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map((each) => each.result().state));
    // A file that could not be loaded has no tests that could fail.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const count = (state: string): number => tests.filter((each) => each === state).length;
    const [passed, failed] = [count('passed'), count('failed')];
    const skipped = tests.length - passed - failed;
    process.on('exit', () =>
      process.stdout.write(`${passed} passed, ${failed + broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`),
    );
  }
}
