/**
 * What a person has asked for cannot be done as things are, and nothing has changed. No fault of the station, so it has
 * no code.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** What to do instead; null: nothing but what the message says. */
  readonly action: string | null;

  /** @param message one plain sentence: what is in the way */
  constructor(message: string, action: string | null = null) {
    super(message);
    this.action = action;
  }
}
