import { z } from 'zod';
import { DomainError } from '../errors.ts';
import { Gate, type GateFact, gateUrlOf } from '../gate.ts';
import { readAs } from '../json.ts';
import { GithubRepository, GithubUser, namedBy, purlOf } from './github-body.ts';
import { linkOf, noteOf } from './display.ts';
import { payloadOf } from './payload.ts';
import { keepable } from '../text.ts';

/** A part that is only displayed and compared never kills a delivery. */
const shown = z.string().nullish().catch(undefined);
const Deployment = z
  .object({
    creator: GithubUser,
    sha: shown,
    ref: shown,
    task: shown,
    payload: z.unknown().optional(),
    transient_environment: z.boolean().nullish().catch(undefined),
  })
  .nullish();

const ProtectionRuleBody = z.object({
  action: z.string(),
  environment: Gate.shape.environment,
  deployment_callback_url: z.string().max(2000),
  sha: shown,
  ref: shown,
  deployment: Deployment,
  pull_requests: z
    .array(z.object({ user: GithubUser }).catch({ user: undefined }))
    .nullish()
    .catch(undefined),
  repository: GithubRepository.extend({ full_name: Gate.shape.repository, html_url: shown }),
  installation: z.object({ id: Gate.shape.installation }),
  sender: GithubUser,
});
type ProtectionRuleBody = z.infer<typeof ProtectionRuleBody>;

/**
 * A gate of GitHub that waits for us; undefined when the body tells of something else than a request. It is known by its
 * delivery, since a run that is started again asks under the same address. Refuses an address that is not the one of the
 * body's own repository on `api`.
 */
export function parseGithubGate(delivery: string, written: unknown, api: string): GateFact | undefined {
  const body = readAs(ProtectionRuleBody, written);
  if (body.action !== 'requested') return undefined;
  const { environment, repository, installation, deployment } = body;
  const { full_name: name } = repository;
  const run = runOf(body, api);
  const sha = deployment?.sha ?? body.sha ?? undefined;
  const users = (body.pull_requests ?? []).map(({ user }) => user);
  return {
    repository: name,
    run,
    environment,
    installation: installation.id,
    factKey: `gate:${repository.id}:${run}:${environment}:${delivery}`,
    artifact: purlOf(name, sha),
    transient: deployment?.transient_environment ?? false,
    task: deployment?.task ? keepable(deployment.task, 200) : undefined,
    payload: payloadOf(deployment?.payload),
    triggeredBy: namedBy(deployment?.creator, body.sender, ...users),
    link: linkOf(`${repository.html_url}/actions/runs/${run}`),
    note: noteOf([sha && `commit ${sha}`, deployment?.ref ?? body.ref].filter(Boolean).join(' of ')),
  };
}

/** The run in the address that is to be answered. */
const runOf = ({ deployment_callback_url: told, repository }: ProtectionRuleBody, api: string): number => {
  const run = Number(/\/actions\/runs\/(\d{1,15})\/deployment_protection_rule$/.exec(told)?.[1]);
  const expected = gateUrlOf(api, { repository: repository.full_name, run });
  if (!(run > 0) || told.toLowerCase() !== expected.toLowerCase())
    throw new DomainError('invalid', `deployment_callback_url: expected an address of ${expected.replace('NaN', '…')}`);
  return run;
};
