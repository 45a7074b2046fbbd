import { describe, expect, it } from 'vitest';
import { decodeUnsure, unsureDecoder } from '../../../server/formats/encoding.ts';
import { parseXml, textOf } from '../../../server/formats/markup/xml.ts';

/** Encoding, text, and the text's bytes in it: this runtime writes none of them. */
const WRITTEN: [encoding: string, text: string, base64: string][] = [
  ['windows-1251', 'Война и мир', 'wu7p7eAg6CDs6PA='],
  ['windows-1251', 'Мастер и Маргарита', 'zODx8uXwIOggzODw4+Dw6PLg'],
  ['koi8-r', 'Глава первая. Привет мир.', '58zB18Eg0MXS18HRLiDw0snXxdQgzcnSLg=='],
  ['ibm866', 'Мастер и Маргарита. В белом плаще с кровавым подбоем', 'jKDh4qXgIKggjKDgo6DgqOKgLiCCIKGlq66sIK+roOmlIOEgquCuoqCi66wgr66koa6lrA=='],
  ['windows-1252', 'A07e Café', 'QTA3ZSBDYWbp'],
  ['windows-1252', 'L’Étranger – « Aujourd’hui, maman est morte. »', 'TJLJdHJhbmdlciCWIKsgQXVqb3VyZJJodWksIG1hbWFuIGVzdCBtb3J0ZS4guw=='],
  ['windows-1252', 'Die Ärzte müssen die Straße überqueren', 'RGllIMRyenRlIG38c3NlbiBkaWUgU3RyYd9lIPxiZXJxdWVyZW4='],
  ['windows-1252', 'Blåbærgrød på en ø i åen', 'QmzlYuZyZ3L4ZCBw5SBlbiD4IGkg5WVu'],
  ['windows-1250', 'Półciężkość bytu i inne opowieści', 'UPOzY2nqv2tvnOYgYnl0dSBpIGlubmUgb3Bvd2llnGNp'],
  ['windows-1250', 'Příliš žluťoučký kůň úpěl ďábelské ódy.', 'UPjtbGmaIJ5sdZ1vdehr/SBr+fIg+nDsbCDv4WJlbHNr6SDzZHku'],
  ['iso-8859-2', 'Półciężkość bytu. Źdźbło trawy, żółta łódź płynęła przez jezioro.', 'UPOzY2nqv2tvtuYgYnl0dS4grGS8YrNvIHRyYXd5LCC/87N0YSCz82S8IHCzeW7qs2EgcHJ6ZXogamV6aW9yby4='],
  ['shift_jis', '吾輩は猫である。名前はまだ無い。', 'jOGUeYLNlEyCxYKggumBQpa8kU+CzYLcgr6Ws4KigUI='],
  ['shift_jis', '雪国', 'kOGNkQ=='],
  ['euc-jp', '吾輩は猫である。名前はまだ無い。', 'uOPH2qTPx62kx6SipOuho8y+wbCkz6TepMDMtaSkoaM='],
  ['gbk', '三体：给岁月以文明，而不是给文明以岁月。', 'yP3M5aO6uPjL6tTC0tTOxMP3o6y2+LK7yse4+M7Ew/fS1Mvq1MKhow=='],
  ['big5', '三體：給歲月以文明，而不是給文明以歲月。', 'pFTF6aFHtbm3s6TrpUik5an6oUGm06SjrE+1uaTlqfqlSLezpOuhQw=='],
  ['euc-kr', '채식주의자는 한국 소설이다.', 'w6S9xMHWwMfA2rTCIMfRsbkgvNK8s8DMtNku'],
  ['euc-kr', '소년이 온다', 'vNKz4sDMIL/CtNk='],
  ['windows-1253', 'Ο Καπετάν Μιχάλης. Βίος και Πολιτεία του Αλέξη Ζορμπά.', 'zyDK4fDl9NztIMzp99zr5/IuIMLf7/Ig6uHpINDv6+n05d/hIPTv9SDB693u5yDG7/Hs8Nwu'],
  ['windows-1254', 'Kürk Mantolu Madonna, Şeker Portakalı, ığdır güneşi', 'S/xyayBNYW50b2x1IE1hZG9ubmEsIN5la2VyIFBvcnRha2Fs/Swg/fBk/XIgZ/xuZf5p'],
  ['windows-1255', 'סיפור על אהבה וחושך מאת עמוס עוז', '8en05fgg8uwg4OTh5CDl5+X56iDu4Pog8u7l8SDy5eY='],
  ['windows-1256', 'موسم الهجرة إلى الشمال للطيب صالح', '4+bT4yDH4eXM0ckgxeHsIMfh1OPH4SDh4djtyCDVx+HN'],
  ['windows-874', 'สี่แผ่นดิน โดย ม.ร.ว.คึกฤทธิ์ ปราโมช', 'ytXo4bzoubTUuSDitMIgwS7DLscupNahxLe41Owgu8PS4sGq'],
]; // prettier-ignore

const bytesOf = (base64: string) => Buffer.from(base64, 'base64');
const inMarkup = (bytes: Buffer, declaration = '') =>
  Buffer.concat([
    Buffer.from(`${declaration}<package><metadata><dc:identifier>urn:uuid:1</dc:identifier><dc:title>`),
    bytes,
    Buffer.from('</dc:title></metadata><manifest><item href="content.html"/></manifest></package>'),
  ]);
const titleOf = (document: Buffer) => textOf(parseXml(document)!).replace('urn:uuid:1', '');

describe('bytes that do not say how they are written', () => {
  it.each(WRITTEN)('in %s are read: %s', (_, text, base64) => {
    expect(decodeUnsure(bytesOf(base64))).toBe(text);
  });

  it.each(WRITTEN)('in %s are read within XML that says UTF-8 or nothing: %s', (_, text, base64) => {
    expect(titleOf(inMarkup(bytesOf(base64)))).toBe(text);
    expect(titleOf(inMarkup(bytesOf(base64), '<?xml version="1.0" encoding="UTF-8"?>'))).toBe(text);
  });

  it.each(WRITTEN)('are what they say they are, where they say %s: %s', (encoding, text, base64) => {
    expect(titleOf(inMarkup(bytesOf(base64), `<?xml version="1.0" encoding="${encoding}"?>`))).toBe(text);
    expect(new TextDecoder(encoding).decode(bytesOf(base64))).toBe(text);
  });

  it('are UTF-8 where they are, whatever encoding of one byte a letter they say', () => {
    const text = 'Мастер и Маргарита – “é”';
    expect(decodeUnsure(Buffer.from(text), 'windows-1251')).toBe(text);
    expect(decodeUnsure(Buffer.from(text))).toBe(text);
  });

  it('stay UTF-8 where only some of them are wrong', () => {
    const damaged = Buffer.concat([Buffer.from('Мастер '), Buffer.from([0xd0]), Buffer.from(' Маргарита')]);
    expect(decodeUnsure(damaged)).toBe('Мастер \ufffd Маргарита');
  });

  it('are read the same in pieces that cut characters', () => {
    const utf8 = Buffer.from(`plain ${'Война и мир — é '.repeat(3)}`);
    const cyrillic = Buffer.concat([
      Buffer.from('plain '),
      ...Array.from({ length: 3 }, () => bytesOf(WRITTEN[0]![2])),
    ]);
    const inPieces = (bytes: Buffer, first: number): string => {
      const decoder = unsureDecoder();
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, first + 5), bytes.subarray(first + 5)];
      return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
    };
    for (let first = 1; first < utf8.length; first += 1) expect(inPieces(utf8, first)).toBe(utf8.toString());
    for (let first = 17; first < cyrillic.length; first += 1)
      expect(inPieces(cyrillic, first)).toBe(`plain ${'Война и мир'.repeat(3)}`);
  });

  it('are of the West where a single letter is all there is to tell by', () => {
    expect(decodeUnsure(Buffer.from([0x41, 0xff]))).toBe('Aÿ');
  });
});
