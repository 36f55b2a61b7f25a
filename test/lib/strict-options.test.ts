import { expect } from 'chai';
import { FieldsRule } from '../../src/lib/rules/fields.js';
import { anything, kind, text } from '../../src/lib/rules/kinds.js';
import { hasMethods, strictOptions } from '../../src/lib/strict-options.js';
import { wholeNumber } from '../../src/lib/whole-number.js';

const RULE = new FieldsRule({
  client: kind((given): given is object => hasMethods(given, 'query'), 'expected a client'),
  prefix: text().default('p:'),
  limit: wholeNumber(undefined, 1).optional(),
  scope: new FieldsRule({ path: text() }).optional(),
  notes: anything,
});
const client = { query: () => undefined };
const CURES = { clint: 'write client', hosts: 'connect the client yourself' };

function judge(options: unknown, within?: string) {
  return () => strictOptions('Store', RULE, options, CURES, within);
}

class Client {
  query(): void {}
}

describe('strictOptions', () => {
  it('fills in defaults, freezes, and keeps nothing of what it was given', () => {
    const given = { client };
    const options = judge(given)();
    expect(options).to.deep.equal({ client, prefix: 'p:', limit: undefined, scope: undefined, notes: undefined });
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
      'Store: option prefix: expected a string, got a number',
    ],
    [
      'names the option that is out of range',
      { client, limit: 0 },
      'Store: option limit: expected a whole number above 0',
    ],
    [
      'spells the path of what is wrong further down',
      { client, scope: { path: 7 } },
      'Store: option scope.path: expected a string, got a number',
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
    expect(judge({ client, prefix: 7 }, 'redis')).to.throw(TypeError, 'Store: option redis.prefix: expected a string');
    expect(judge({ client, size: 7 }, 'redis')).to.throw(
      TypeError,
      'Store: unknown option redis.size: the options are',
    );
    expect(judge({ client, hosts: 7 }, 'redis')).to.throw(TypeError, 'Store: unknown option redis.hosts: connect');
    expect(judge(7, 'redis')).to.throw(TypeError, 'Store: option redis: expected an object of options, got a number');
  });

  it('takes no cure from the prototype of the table', () => {
    expect(judge({ client, toString: 1 })).to.throw(TypeError, 'unknown option "toString": the options are');
  });
});
