import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Auth } from '../../auth/auth.js';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import { AuthPayload } from './auth-payload.type.js';

@Resolver()
export class AuthResolver {
  constructor(private readonly auth: Auth) {}

  @Mutation(() => AuthPayload, {
    description: 'Wrong name or password: UNAUTHENTICATED, the same in words and time.',
  })
  login(
    @Arg('username', () => String) username: string,
    @Arg('password', () => String) password: string,
    @Arg('code', () => String, { nullable: true }) code: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<AuthPayload> {
    return this.auth.login({ username, password, code: code ?? null }, context.transport);
  }

  @Mutation(() => AuthPayload, { description: 'A new access token for the refresh cookie, which is exchanged.' })
  refresh(@Ctx() context: ApiContext): Promise<AuthPayload> {
    return this.auth.refresh(context.transport);
  }

  @Mutation(() => Boolean, { description: 'Ends this login, or every login of the user.' })
  async logout(
    @Arg('everywhere', () => Boolean, { nullable: true, defaultValue: false }) everywhere: boolean | null,
    @Ctx() context: ApiContext,
  ): Promise<boolean> {
    await this.auth.logout(everywhere ?? false, context.viewer, context.transport);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Ends every other login of the user.' })
  async changePassword(
    @Arg('current', () => String) current: string,
    @Arg('next', () => String) next: string,
    @Ctx() context: ApiContext,
  ): Promise<boolean> {
    await this.auth.changePassword({ current, next }, requireViewer(context), context.transport);
    return true;
  }
}
