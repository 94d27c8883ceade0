/** First byte of a text message in one frame: FIN, and the opcode of text (RFC 6455, section 5.2). */
const finalText = 0x81;
/** Values of the second byte after which the length follows in 2 or 8 bytes. */
const lengthIn2 = 126;
const lengthIn8 = 127;

const headerBytes = (length: number): number => {
  if (length < lengthIn2) return 2;
  return length < 65_536 ? 4 : 10;
};

/** Returns a text message of a server in one WebSocket frame, header and text in one buffer. */
export const textFrame = (text: string): Buffer => {
  const length = Buffer.byteLength(text);
  const header = headerBytes(length);
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = finalText;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = lengthIn2;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = lengthIn8;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
};
