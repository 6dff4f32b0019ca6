import { str } from '@lit/localize';

export const templates = {
  'diagram.conv': str`합성곱 ${0}`,
  'diagram.depthwise': str`깊이별 ${0}`,
  'diagram.pool': str`풀링 ${0}`,
  'diagram.dense': str`완전 연결 ${0}`,
  'diagram.key-conv': '합성곱',
  'diagram.key-depthwise': '깊이별 합성곱',
  'diagram.key-pool': '풀링',
  'diagram.key-dense': '완전 연결',
  'diagram.key-output': '클래스',
  'diagram.key-size': '높이: 맵의 행 · 너비: 채널',
  'summary.empty': '고른 구조가 없습니다.',
  'summary.title': str`${0}, 층별로`,
  'summary.input': str`입력 ${0} × ${1} × ${2}, 클래스 ${3}개`,
  'summary.params': '전체 파라미터',
  'summary.trainable': '학습되는 파라미터',
  'summary.frozen': '고정된 파라미터',
  'summary.macs': '사진 한 장의 MAC',
  'summary.flops': '사진 한 장의 FLOP',
  'summary.filters': '필터',
};
