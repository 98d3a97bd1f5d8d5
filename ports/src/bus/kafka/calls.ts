/** What is asked of brokers and what they answer, as kafkajs names the fields. 64-bit numbers come as text. */

/** Coordinator of a consumer group. */
export const GROUP_COORDINATOR = 0;
/** Only what committed transactions wrote, and what was written without one. */
export const READ_COMMITTED = 1;
/** `timestamp` of ListOffsets. */
export const LATEST = -1;
export const EARLIEST = -2;

interface Topical<Partition> {
  readonly topic: string;
  readonly partitions: readonly Partition[];
}

interface Coded {
  readonly errorCode: number;
}

export interface TopicMetadata {
  readonly topicErrorCode: number;
  readonly topic: string;
  readonly partitionMetadata: readonly {
    readonly partitionErrorCode: number;
    readonly partitionId: number;
    readonly leader: number;
  }[];
}

export interface GroupMemberRow {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

interface MemberOfGroup {
  readonly groupId: string;
  readonly memberId: string;
}

export interface Calls {
  ApiVersions: {
    asks: object;
    answers: Coded & {
      readonly apiVersions: readonly {
        readonly apiKey: number;
        readonly minVersion: number;
        readonly maxVersion: number;
      }[];
    };
  };
  Metadata: {
    asks: { readonly topics: readonly string[]; readonly allowAutoTopicCreation: boolean };
    answers: {
      readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
      readonly controllerId: number;
      readonly topicMetadata: readonly TopicMetadata[];
    };
  };
  ListOffsets: {
    asks: {
      readonly isolationLevel: number;
      readonly topics: readonly Topical<{ readonly partition: number; readonly timestamp: number }>[];
    };
    answers: {
      readonly responses: readonly Topical<Coded & { readonly partition: number; readonly offset: string }>[];
    };
  };
  OffsetFetch: {
    asks: { readonly groupId: string; readonly topics: readonly Topical<{ readonly partition: number }>[] };
    answers: Coded & {
      readonly responses: readonly Topical<Coded & { readonly partition: number; readonly offset: string }>[];
    };
  };
  OffsetCommit: {
    asks: MemberOfGroup & {
      readonly groupGenerationId: number;
      readonly topics: readonly Topical<{ readonly partition: number; readonly offset: string }>[];
    };
    answers: { readonly responses: readonly Topical<Coded & { readonly partition: number }>[] };
  };
  GroupCoordinator: {
    asks: { readonly groupId: string; readonly coordinatorType: number };
    answers: Coded & {
      readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
    };
  };
  JoinGroup: {
    asks: MemberOfGroup & {
      readonly sessionTimeout: number;
      readonly rebalanceTimeout: number;
      readonly protocolType: string;
      readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
    };
    answers: Coded & {
      readonly generationId: number;
      readonly leaderId: string;
      readonly memberId: string;
      readonly members: readonly GroupMemberRow[];
    };
  };
  SyncGroup: {
    asks: MemberOfGroup & {
      readonly generationId: number;
      readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
    };
    answers: Coded & { readonly memberAssignment: Buffer };
  };
  Heartbeat: { asks: MemberOfGroup & { readonly groupGenerationId: number }; answers: Coded };
  LeaveGroup: { asks: MemberOfGroup; answers: Coded };
  ListGroups: { asks: object; answers: Coded & { readonly groups: readonly { readonly groupId: string }[] } };
  DescribeGroups: {
    asks: { readonly groupIds: readonly string[] };
    answers: { readonly groups: readonly (Coded & { readonly members: readonly object[] })[] };
  };
  CreateTopics: {
    asks: {
      readonly topics: readonly {
        readonly topic: string;
        readonly numPartitions: number;
        readonly replicationFactor: number;
        readonly configEntries: readonly { readonly name: string; readonly value: string }[];
      }[];
      readonly validateOnly: boolean;
      readonly timeout: number;
    };
    answers: {
      readonly topicErrors: readonly (Coded & { readonly topic: string; readonly errorMessage?: string | null })[];
    };
  };
  InitProducerId: {
    asks: { readonly transactionalId: null; readonly transactionTimeout: number };
    answers: Coded & { readonly producerId: string; readonly producerEpoch: number };
  };
}
