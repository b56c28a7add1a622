import { type Ctx, Resolver } from 'type-graphql'
import type { Class } from '#shared/fields.js'

interface Method {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: its parameters are what the decorators say
  run: (...args: any[]) => unknown
  /** One for each parameter, in order. */
  parameters: ReturnType<typeof Ctx>[]
  decorators: MethodDecorator[]
}

/**
 * A resolver class made by the kernel, as if somebody had written its methods and the decorators on them.
 * @param of the type whose fields the methods resolve; left out for root fields
 */
export function resolverClass(methods: readonly Method[], of?: Class): Class {
  class Made {}
  const { prototype } = Made
  if (of) Resolver(() => of)(Made)
  else Resolver()(Made)
  for (const { name, run, parameters, decorators } of methods) {
    const descriptor = { value: run, configurable: true }
    Object.defineProperty(prototype, name, descriptor)
    parameters.forEach((decorate, at) => {
      decorate(prototype, name, at)
    })
    for (const decorate of decorators) decorate(prototype, name, descriptor)
  }
  return Made
}
