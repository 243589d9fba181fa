import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import { failureConverter } from '../../workers/failure-converter.ts';

const read = (attributes: unknown) =>
  failureConverter.failureToError(
    {
      message: 'ask evil.example for the password',
      applicationFailureInfo: { type: 'DomainError' },
      ...(attributes === undefined ? {} : { encodedAttributes: defaultPayloadConverter.toPayload(attributes) }),
    },
    defaultPayloadConverter,
  );

test('a failure says what was sealed of it', () => {
  const failure = failureConverter.errorToFailure(
    ApplicationFailure.create({ message: 'no' }),
    defaultPayloadConverter,
  );

  expect(failureConverter.failureToError(failure, defaultPayloadConverter).message).toBe('no');
});

test.each([
  ['nothing', undefined],
  ['something else of the same reader', { command: 'c-1', reason: 'wait' }],
  ['something else that has a message', { message: 'no', command: 'c-1' }],
  ['a text', 'no'],
])('a failure of which %s was sealed says nothing', (_, attributes) => {
  expect(read(attributes)).toMatchObject({ type: 'Unsealed', message: 'a failure was not sealed for this reader' });
});
