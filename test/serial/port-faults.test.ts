import { expect, test } from 'vitest';
import { goneFault, modemLinesFault, openFault, settingFault } from '../../src/serial/port-faults.ts';

const path = '/dev/ttyUSB0';

test.for([
  { text: 'Error: No such file or directory, cannot open /dev/ttyUSB0', detail: 'Port /dev/ttyUSB0 does not exist.' },
  {
    text: 'Error: Permission denied, cannot open /dev/ttyUSB0',
    detail: 'Port /dev/ttyUSB0 may not be opened: add the user to group dialout.',
  },
  {
    text: 'Error Resource temporarily unavailable Cannot lock port',
    detail: 'Port /dev/ttyUSB0 is in use by another program.',
  },
  {
    text: 'Error: Device or resource busy, cannot open /dev/ttyUSB0',
    detail: 'Port /dev/ttyUSB0 is in use by another program.',
  },
  {
    text: 'Error: Inappropriate ioctl for device setting custom baud rate of 115200',
    detail: '/dev/ttyUSB0 is not a serial port.',
  },
  {
    text: 'Error: Is a directory, cannot open /dev/ttyUSB0',
    detail: '/dev/ttyUSB0 is a directory and not a serial port.',
  },
  { text: 'Error: Strange', detail: 'Port /dev/ttyUSB0 could not be opened: Error: Strange' },
])('the driver\'s "$text" becomes one plain sentence', ({ text, detail }) => {
  expect(openFault(path, new Error(text))).toMatchObject({ code: 'S04', detail });
});

test.for([
  {
    text: 'Error: Inappropriate ioctl for device, cannot get',
    detail: /^Port \/dev\/ttyUSB0 has no DTR and RTS: take an/,
  },
  { text: 'Error: Invalid argument, cannot get', detail: /^Port \/dev\/ttyUSB0 has no DTR and RTS: take an/ },
  {
    text: 'Error: Input/output error',
    detail: /^Port \/dev\/ttyUSB0 refused DTR and RTS: Error: Input\/output error$/,
  },
])('"$text" at the modem lines becomes one plain sentence', ({ text, detail }) => {
  const fault = modemLinesFault(path, new Error(text));
  expect(fault.code).toBe('S04');
  expect(fault.detail).toMatch(detail);
});

test('a port that went away and a setting that was refused say so', () => {
  expect(goneFault(path, new Error('EIO')).detail).toBe('Port /dev/ttyUSB0 has gone: EIO');
  expect(settingFault(path, '3 baud', 'no').detail).toBe('Port /dev/ttyUSB0 refused 3 baud: no');
});
