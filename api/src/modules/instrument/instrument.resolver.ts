/** Query of instruments. */
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import type { Optional } from '../arguments.js';
import { instrumentsOf } from './instrument.query.js';
import { InstrumentType } from './instrument.type.js';

@Resolver()
export class InstrumentResolver {
  @Query(() => [InstrumentType], { nullable: true })
  instruments(
    @Ctx() context: ApiContext,
    @Arg('symbols', () => [String], { nullable: true }) symbols: Optional<string[]>,
  ): Promise<InstrumentType[]> {
    return instrumentsOf(context, symbols);
  }
}
