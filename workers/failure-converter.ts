import {
  ApplicationFailure,
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';
import { isObject } from '../domain/object.rules.ts';

/** Type of the error that stands for a failure of somebody else. */
const unsealed = 'Unsealed';

/** What is sealed of a failure. Another payload of the same reader has no such words, and Temporal's plain ones would show. */
const areWords = (attributes: unknown): boolean =>
  isObject(attributes) &&
  typeof attributes['message'] === 'string' &&
  Object.keys(attributes).every((name) => name === 'message' || name === 'stack_trace');

/**
 * Messages and stacks of errors become payloads, which are sealed; a failure of an application without them is somebody
 * else's, and says nothing. Found by its path, also in the bundle of workflows.
 */
class SealedFailureConverter extends DefaultFailureConverter {
  override failureToError(failure: ProtoFailure, converter: PayloadConverter, context?: SerializationContext): Error {
    const { applicationFailureInfo, encodedAttributes } = failure;
    const isOurs = !applicationFailureInfo || (encodedAttributes && areWords(converter.fromPayload(encodedAttributes)));
    if (isOurs) return super.failureToError(failure, converter, context);
    return ApplicationFailure.create({ message: 'a failure was not sealed for this reader', type: unsealed });
  }
}

export const failureConverter = new SealedFailureConverter({ encodeCommonAttributes: true });
