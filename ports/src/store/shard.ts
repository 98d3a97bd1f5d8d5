/** Accounts fall into shards as records with their id as key fall into partitions: by the same hash. */
import { partitionOf } from '../bus/partitioner.js';

/** The shard, from 0, that an account of a store with so many shards belongs to. */
export const shardOf = (accountId: string, shards: number): number => partitionOf(accountId, shards);
