import {
  ApplicationFailure,
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
  type SerializationContext,
} from '@temporalio/common';
import { isUnreadable, unsealed } from '../domain/unreadable.rules.ts';

/**
 * Messages and stacks of errors become payloads, which are sealed; a failure of an application without them is somebody
 * else's, and says nothing. Found by its path, also in the bundle of workflows.
 */
class SealedFailureConverter extends DefaultFailureConverter {
  override failureToError(failure: ProtoFailure, converter: PayloadConverter, context?: SerializationContext): Error {
    const { applicationFailureInfo, encodedAttributes } = failure;
    const isOurs =
      !applicationFailureInfo || (encodedAttributes && !isUnreadable(converter.fromPayload(encodedAttributes)));
    if (isOurs) return super.failureToError(failure, converter, context);
    return ApplicationFailure.create({ message: 'a failure was not sealed for this reader', type: unsealed });
  }
}

export const failureConverter = new SealedFailureConverter({ encodeCommonAttributes: true });
