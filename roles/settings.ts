import { type Config, invalidSettings, readConfig, settingText } from '../workers/config.ts';
import { settingFaults } from '../workers/settings.ts';

/** The settings of this process. It ends with a list of all that is wrong, where something is: starting again would not help. */
export const readSettings = (): Config => {
  const faults = settingFaults(process.env);
  if (faults.length === 0) return readConfig(process.env);
  process.stderr.write(`${faults.map((fault) => `${settingText(fault)}\n`).join('')}evenkeel: ${invalidSettings}\n`);
  process.exit(2);
};
