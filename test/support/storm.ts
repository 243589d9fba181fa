import type { SentAlert } from './monitoring.ts';

/** Services of one team, all of which tell of alerts at once. */
export const stormServices = Array.from({ length: 50 }, (_, service) => `storm-${service}`);

/** One alert of a storm: as many errors as warnings, and nothing that pages as a critical one does. */
export const stormAlert = (index: number, name: string): SentAlert => ({
  labels: {
    alertname: 'Slow',
    service: stormServices[index % stormServices.length]!,
    severity: Math.floor(index / stormServices.length) % 2 === 0 ? 'error' : 'warning',
    instance: name,
  },
  annotations: { summary: 'It is slow' },
  fingerprint: `storm-${name}`,
});

/** What somebody has to hear of, hidden among the others. */
export const needle: SentAlert = {
  labels: { alertname: 'LosesData', service: stormServices[37]!, severity: 'critical' },
  annotations: { summary: 'It loses data' },
  fingerprint: 'needle',
};
