import { expect } from 'chai';
import { z } from 'zod';
import { hasMethods, strictOptions } from '../../src/lib/strict-options.js';

const SCHEMA = z.strictObject({
  client: z.custom((client) => hasMethods(client, 'query'), 'expected a client'),
  prefix: z.string().default('p:'),
  limit: z.number().min(1).optional(),
  scope: z.strictObject({ path: z.string() }).optional(),
  notes: z.unknown().optional(),
});
const client = { query: () => undefined };
const CURES = { clint: 'write client', hosts: 'connect the client yourself' };

function judge(options: unknown, within?: string) {
  return () => strictOptions('Store', SCHEMA, options, CURES, within);
}

class Client {
  query(): void {}
}

describe('strictOptions', () => {
  it('fills in defaults, freezes, and keeps nothing of what it was given', () => {
    const given = { client };
    const options = judge(given)();
    expect(options).to.deep.equal({ client, prefix: 'p:' });
    expect(Object.isFrozen(options)).to.equal(true);
    expect(given).to.deep.equal({ client });
  });

  it('takes an explicit undefined for the default', () => {
    expect(judge({ client, prefix: undefined })().prefix).to.equal('p:');
  });

  const wrong: readonly [behaviour: string, options: unknown, message: string][] = [
    [
      'lists the options for a name that it does not know',
      { client, size: 1 },
      'Store: unknown option "size": the options are client, prefix, limit, scope, notes',
    ],
    [
      'gives the cure for a known mistake',
      { client, hosts: [] },
      'Store: unknown option "hosts": connect the client yourself',
    ],
    [
      'gives the cure first where several names are unknown',
      { client, a: 1, hosts: 1 },
      'Store: unknown option "hosts": connect the client yourself',
    ],
    [
      'names the misspelt option before the missing one',
      { clint: client },
      'Store: unknown option "clint": write client',
    ],
    [
      'spells the path of an unknown name further down',
      { client, scope: { path: '/', port: 1 } },
      'Store: unknown option scope.port',
    ],
    ['says that an option is missing', {}, 'Store: option client: expected a client, got undefined'],
    ['says the same when there are no options', undefined, 'Store: option client: expected a client, got undefined'],
    [
      'names the option of a wrong type',
      { client, prefix: 7 },
      'Store: option prefix: expected string, received number',
    ],
    [
      'names the option that is out of range',
      { client, limit: 0 },
      'Store: option limit: Too small: expected number to be >=1',
    ],
    [
      'spells the path of what is wrong further down',
      { client, scope: { path: 7 } },
      'Store: option scope.path: expected string, received number',
    ],
    ['says what it got in place of options', () => 1, 'Store: expected { client }, got a function'],
    [
      'names the option that was given in their place',
      new Client(),
      'Store: expected an object of options, got an instance of Client: pass it as an option, { client }',
    ],
    [
      'names the option that has to be there rather than another that accepts text',
      'sessions:',
      'Store: expected { client }, got a string',
    ],
  ];
  for (const [behaviour, options, message] of wrong) {
    it(behaviour, () => {
      expect(judge(options)).to.throw(TypeError).with.property('message', message);
    });
  }

  it('begins paths with the option that holds these options', () => {
    expect(judge({ client, prefix: 7 }, 'redis')).to.throw(TypeError, 'Store: option redis.prefix: expected string');
    expect(judge({ client, size: 7 }, 'redis')).to.throw(
      TypeError,
      'Store: unknown option redis.size: the options are',
    );
    expect(judge({ client, hosts: 7 }, 'redis')).to.throw(TypeError, 'Store: unknown option redis.hosts: connect');
    expect(judge(7, 'redis')).to.throw(TypeError, 'Store: option redis: expected object, received number');
  });

  it('takes no cure from the prototype of the table', () => {
    expect(judge({ client, toString: 1 })).to.throw(TypeError, 'unknown option "toString": the options are');
  });
});
