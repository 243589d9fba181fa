import type { ReadinessStore } from '../../../domain/ports.ts';
import type { ReadinessReview, Waiver } from '../../../domain/readiness.ts';

type Attestation = NonNullable<Awaited<ReturnType<ReadinessStore['attestation']>>>;

export interface MemoryReadinessStore extends ReadinessStore {
  attest(of: { service: string; environment: string; check: string }, attestation: Attestation): void;
  keepWaiver(waiver: Waiver): void;
}

export const createMemoryReadinessStore = (): MemoryReadinessStore => {
  const attestations: { key: string; attestation: Attestation }[] = [];
  const waivers: Waiver[] = [];
  const reviews = new Map<string, ReadinessReview>();
  return {
    attest: ({ service, environment, check }, attestation) =>
      void attestations.push({ key: `${service}/${environment}/${check}`, attestation }),
    keepWaiver: (waiver) => void waivers.push(waiver),
    attestation: async (service, environment, check, by) =>
      attestations.findLast(
        ({ key, attestation }) =>
          key === `${service}/${environment}/${check}` && (by === undefined || attestation.by === by),
      )?.attestation,
    waivers: async (service, environment) =>
      waivers.filter((waiver) => waiver.service === service && waiver.environment === environment),
    async saveReview(id, _plan, review) {
      if (!reviews.has(id)) reviews.set(id, structuredClone(review));
    },
    review: async (id) => structuredClone(reviews.get(id)),
    async newest(plan) {
      const [id, review] = [...reviews].findLast(([known]) => known.startsWith(`${plan}.review.`)) ?? [];
      return id === undefined || !review ? undefined : { id, review: structuredClone(review) };
    },
  };
};
