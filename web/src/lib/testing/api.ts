/** An API that answers what the test lays out for it, by the operation's name, and remembers what it was asked. */
import type { TypedDocumentNode } from '@apollo/client/core';
import type { Answer, Api } from '../api/client.js';
import { ApiError } from '../api/errors.js';

type Reply = (variables: Record<string, unknown>) => unknown;

export interface Asked {
  readonly name: string;
  readonly variables: Record<string, unknown>;
}

export class FakeApi implements Api {
  readonly asked: Asked[] = [];
  readonly #replies = new Map<string, Reply>();

  /** Answers an operation from now on; a reply that throws refuses it. */
  on(name: string, reply: Reply): this {
    this.#replies.set(name, reply);
    return this;
  }

  timesAsked(name: string): number {
    return this.asked.filter((one) => one.name === name).length;
  }

  query<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Answer<Data>> {
    return this.#reply(document, variables).then((data) => ({ data, errors: [] }));
  }

  queryOnce<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Answer<Data>> {
    return this.query(document, variables);
  }

  mutate<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    return this.#reply(document, variables);
  }

  authenticate<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    return this.#reply(document, variables);
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  async #reply<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const name = operationName(document);
    this.asked.push({ name, variables: variables as Record<string, unknown> });
    const reply = this.#replies.get(name);
    await Promise.resolve();
    if (!reply) throw new ApiError('UNREACHABLE', 'The API does not answer.');
    return reply(variables as Record<string, unknown>) as Data;
  }
}

/** The name of a document's operation. */
export function operationName(
  document: TypedDocumentNode<never, never> | { readonly definitions: readonly unknown[] },
): string {
  const [first] = document.definitions as readonly { readonly name?: { readonly value: string } }[];
  return first?.name?.value ?? '';
}
