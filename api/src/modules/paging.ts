/** Pages of rows as GraphQL connections: newest first, opaque cursors that inserts do not move. */
import type { Page, PageRequest } from '@kairos/ports';
import { TOTAL_COUNT_MAX } from '@kairos/schema';
import type { ClassType } from 'type-graphql';
import { Field, Int, ObjectType } from 'type-graphql';
import type { Optional } from './arguments.js';
import { asPortInput, wholeWithin } from './arguments.js';

@ObjectType('PageInfo')
export class PageInfoType {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor!: string | null;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: PageInfoType;
  /** Counted only when asked for: graphql-js calls it when the field is selected. */
  totalCount(): Promise<number | null>;
}

/** The edge and connection types of a node type, such as TradeEdge and TradeConnection. */
export function connectionOf<T extends object>(name: string, node: () => ClassType<T>): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`)
  class EdgeType {
    @Field(() => String)
    cursor!: string;

    @Field(node)
    node!: T;
  }

  @ObjectType(`${name}Connection`, {
    description: 'totalCount: counted only when asked for, up to 10,000; null beyond.',
  })
  class ConnectionType {
    @Field(() => [EdgeType])
    edges!: EdgeType[];

    @Field(() => PageInfoType)
    pageInfo!: PageInfoType;

    @Field(() => Int, { nullable: true, simple: true })
    totalCount!: () => Promise<number | null>;
  }
  return ConnectionType;
}

export interface PageArguments {
  readonly first: Optional<number>;
  readonly after: Optional<string>;
}

const PAGE_SIZE_DEFAULT = 20;

export interface PageSource<Row, Node> {
  read(page: PageRequest): Promise<Page<Row>>;
  /** Counted up to `max` + 1. */
  count(max: number): Promise<number>;
  toNode(row: Row): Node;
}

/** @throws BadInputError when `first` is out of its bounds or `after` is no cursor. */
export async function pageOf<Row, Node>(
  { first, after }: PageArguments,
  source: PageSource<Row, Node>,
): Promise<Connection<Node>> {
  const request = { first: wholeWithin('first', first, { fallback: PAGE_SIZE_DEFAULT }), after: after ?? null };
  const page = await asPortInput(source.read(request));
  const edges = page.rows.map(({ cursor, row }) => ({ cursor, node: source.toNode(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.hasNext,
      hasPreviousPage: request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    async totalCount() {
      const count = await source.count(TOTAL_COUNT_MAX);
      return count > TOTAL_COUNT_MAX ? null : count;
    },
  };
}
