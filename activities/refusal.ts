import { DomainError } from '../domain/errors.ts';

/**
 * What `act` gives or, when the domain refuses it, what that refusal means to the caller. Where a refusal is an answer
 * it must not be retried like a fault; any other error is passed on.
 */
export async function unlessRefused<Given, Meant>(
  act: () => Given | Promise<Given>,
  meaning: (reason: string) => Meant,
): Promise<Given | Meant> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DomainError) return meaning(error.message);
    throw error;
  }
}
